//! Which passwords are guessed first (NIST SP 800-63B-4 §3.1.1.2: the blocklist). Owns a list that is small on purpose: what
//! is long and yet common is nearly always put together from few things, so the things are listed, and a password counts
//! by what is left of it without them. It is not, and does not pretend to be, a list of leaked passwords.

use crate::identity::password::Account;
use zeroize::Zeroizing;

/// Why a password is easy to guess. Each reads on from "The password".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Guessable {
    /// It is a well-known phrase.
    #[error("is a well-known one, which is tried first")]
    WellKnown,
    /// It is one character or a short block, over and over.
    #[error("repeats itself: a short block is guessed as easily many times as once")]
    Repeats,
    /// Neighbours on the keyboard, in the alphabet or among the numbers.
    #[error("follows the keyboard, the alphabet or the numbers")]
    Follows,
    /// It is made of words that are in every list.
    #[error("is made of words that are tried first, such as 'password' or 'welcome'")]
    CommonWords,
    /// It is made of the names around it.
    #[error("is made of the user name, the e-mail address or the name of this service")]
    Names,
}

/// A longer block that comes twice has been thought of.
const SHORT_BLOCK: usize = 8;
/// What must be left of a password without its guessable parts: what alone would do beside a second factor. Of one that is
/// hardly longer than that, half.
const LEFT: usize = 8;
/// Neighbours in a row from which on they are no accident.
const RUN: usize = 4;
/// Shorter names occur in other words.
const SHORTEST_NAME: usize = 3;

/// Phrases, in small letters and without anything between them.
const WELL_KNOWN: &str = "\
    correcthorsebatterystaple donttellanybody idontknowmypassword iforgotmypassword ihateyouverymuch \
    iloveyouforever iloveyousomuch iloveyouverymuch itsasecretforever loremipsumdolorsitamet \
    maytheforcebewithyou opensesameopensesame supercalifragilisticexpialidocious thequickbrownfox \
    thequickbrownfoxjumpsoverthelazydog thisismypassword tobeornottobe tobeornottobethatisthequestion \
    twinkletwinklelittlestar youshallnotpass";

/// Words that lists of common passwords are made of, in several languages; digits that stand for letters are read as these.
const WORDS: &str = "\
    abc123 access admin administrator april august autumn azerty baseball basketball batman changeit \
    changeme charlie contrasena december default demo dragon example february football freedom friday geheim \
    google guest hallo hello hunter iloveyou internet january jesus july june killer letmein liverpool login \
    lovely march master michael microsoft monday monkey motdepasse mustang november october office parola \
    passe passphrase passw password passwort please pokemon princess qwerty qwertz root saturday secret \
    senha september server shadow spring starwars summer sunday sunshine superman superuser support system \
    temporary test thursday trustno1 tuesday user wachtwoord wednesday welcome whatever willkommen winter \
    zaq1";

/// Rows and columns of keyboards, the alphabet, the numbers; each is followed forwards and backwards.
const ROWS: &[&str] = &[
    "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop[]asdfghjkl;'zxcvbnm,./",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "a1b2c3d4e5f6g7h8i9j0",
    "!@#$%^&*()_+",
];

/// Whether this password of this account would be among the first guesses, and why.
pub fn look(password: &str, account: &Account<'_>) -> Option<Guessable> {
    let text = small(password);
    if is_well_known(&text) {
        return Some(Guessable::WellKnown);
    }
    if repeats(&text) {
        return Some(Guessable::Repeats);
    }
    let mut cover = Cover { text: &text, kinds: vec![None; text.len()] };
    names(account).iter().for_each(|name| cover.word(&small(name), &text, Guessable::Names));
    let read = letters(&text);
    WORDS.split(' ').for_each(|word| cover.word(&letters(&small(word)), &read, Guessable::CommonWords));
    cover.rows();
    cover.verdict()
}

/// Small letters, one for each character, so that places stay the same. Wiped: it is the password again.
fn small(text: &str) -> Zeroizing<Vec<char>> {
    let mut small = Zeroizing::new(Vec::with_capacity(text.len()));
    small.extend(text.chars().map(|c| c.to_lowercase().next().unwrap_or(c)));
    small
}

/// Digits and signs as the letters that they often stand for.
fn letters(text: &[char]) -> Zeroizing<Vec<char>> {
    let read = |c: &char| match c {
        '@' | '4' => 'a',
        '3' => 'e',
        '1' | '!' => 'i',
        '0' => 'o',
        '$' | '5' => 's',
        '7' => 't',
        c => *c,
    };
    Zeroizing::new(text.iter().map(read).collect())
}

fn is_well_known(text: &[char]) -> bool {
    let bare = || text.iter().copied().filter(|c| c.is_alphanumeric());
    WELL_KNOWN.split(' ').any(|phrase| bare().eq(phrase.chars()))
}

/// A block of one to eight characters, at least twice and to the end; the last time it may be cut.
fn repeats(text: &[char]) -> bool {
    (1..=SHORT_BLOCK.min(text.len() / 2)).any(|block| text.iter().zip(&text[block..]).all(|(a, b)| a == b))
}

/// The names around an account, the longest first.
fn names(account: &Account<'_>) -> Vec<String> {
    let local = account.email.and_then(|email| email.split('@').next());
    let labels = account.host.split('.').filter(|label| label.len() > SHORTEST_NAME);
    let parts = account.username.split(['.', '-', '_', '@']).filter(|part| part.len() > SHORTEST_NAME);
    let whole = [Some(account.username), local, account.email, Some(account.host), Some("doorward")];
    let mut names: Vec<_> =
        whole.into_iter().flatten().chain(labels).chain(parts).map(str::to_owned).collect();
    names.retain(|name| name.chars().count() >= SHORTEST_NAME);
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    names
}

/// Which places of a text are part of something guessable, and of what.
struct Cover<'a> {
    text: &'a [char],
    kinds: Vec<Option<Guessable>>,
}

impl Cover<'_> {
    /// Every occurrence of a word in the text, however it is read. No word is empty: names have three characters, and a test
    /// says the same of the list.
    fn word(&mut self, word: &[char], read: &[char], kind: Guessable) {
        let found = read.windows(word.len()).enumerate().filter(|(_, here)| *here == word);
        found.for_each(|(at, _)| self.mark(at, word.len(), kind));
    }

    /// Every run along a row, the longest at each place.
    fn rows(&mut self) {
        let mut at = 0;
        while at < self.text.len() {
            let run = run(&self.text[at..]);
            if run >= RUN {
                self.mark(at, run, Guessable::Follows);
            }
            at += if run >= RUN { run } else { 1 };
        }
    }

    /// What is marked already stays what it was.
    fn mark(&mut self, at: usize, length: usize, kind: Guessable) {
        self.kinds[at..at + length].iter_mut().for_each(|place| *place = place.or(Some(kind)));
    }

    /// The kind of most of it, if too little is left.
    fn verdict(&self) -> Option<Guessable> {
        let left = self.kinds.iter().filter(|kind| kind.is_none()).count();
        if left >= LEFT.min(self.text.len().div_ceil(2)) {
            return None;
        }
        let share = |kind| self.kinds.iter().filter(|place| **place == Some(kind)).count();
        [Guessable::Names, Guessable::CommonWords, Guessable::Follows]
            .into_iter()
            .max_by_key(|kind| share(*kind))
    }
}

/// How many characters from the beginning follow one of the rows, in either direction, or are the same.
fn run(text: &[char]) -> usize {
    let along = |row: &[char]| {
        let starts = (0..row.len()).filter(|start| row[*start] == text[0]);
        starts
            .map(|start| row[start..].iter().zip(text).take_while(|(a, b)| a == b).count())
            .max()
            .unwrap_or(0)
    };
    let same = text.iter().take_while(|c| **c == text[0]).count();
    let row = |row: &&str| {
        let (forwards, backwards): (Vec<_>, Vec<_>) = (row.chars().collect(), row.chars().rev().collect());
        along(&forwards).max(along(&backwards))
    };
    ROWS.iter().map(row).max().unwrap_or(0).max(same)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::password::tests::ALICE;

    /// NIST SP 800-63B-4 §3.1.1.2: expected, commonly used and context-specific passwords are refused.
    #[test]
    fn what_is_guessed_first_is_refused_with_its_reason() {
        use Guessable::{CommonWords, Follows, Names, Repeats, WellKnown};
        for (password, why) in [
            ("correct horse battery staple", WellKnown),
            ("Correct-Horse-Battery-Staple!", WellKnown),
            ("TheQuickBrownFoxJumpsOverTheLazyDog", WellKnown),
            ("aaaaaaaaaaaaaaaaaaaa", Repeats),
            ("               ", Repeats),
            ("abcabcabcabcabcab", Repeats),
            ("Xk9#pQzXk9#pQzXk9#pQz", Repeats),
            ("passwordpassword", Repeats),
            ("123456789012345", Follows),
            ("98765432109876543", Follows),
            ("abcdefghijklmnop", Follows),
            ("qwertyuiopasdfghjkl", Follows),
            ("mnbvcxzlkjhgfdsa", Follows),
            ("1qaz2wsx3edc4rfv", Follows),
            ("1q2w3e4r5t6y7u8i", Follows),
            ("abcdef-123456-ghijk", Follows),
            ("aaaabbbbccccdddd", Follows),
            ("Password123456789!", Follows),
            ("P@ssw0rd-Passw0rd!", CommonWords),
            ("WelcomeSummer2026!", CommonWords),
            ("administrator-password", CommonWords),
            ("changeme-changeme-", CommonWords),
            ("Alice.Liddell-1", Names),
            ("AliceLiddellAlice", Names),
            ("liddell+looking-glass", Names),
            ("wonder wonder and wonder", Names),
            ("wonder@example.com", Names),
            ("login.looking-glass.example", Names),
            ("looking-glass-2026", Names),
            ("doorward-liddell", Names),
        ] {
            assert_eq!(look(password, &ALICE), Some(why), "{password}");
        }
    }

    #[test]
    fn a_guessable_part_does_not_spoil_the_rest() {
        for password in [
            "alice met a walrus on the shore",
            "my password is a heron in fog",
            "4321 herons in the morning fog",
            "sunshine over cold harbours",
            "kettle qwerty lamp moss",
            "Xk9#pQz!wRtXk9#pQz!wRt",
            "vbkqzmwrtplxhgd",
        ] {
            assert_eq!(look(password, &ALICE), None, "{password}");
        }
    }

    #[test]
    fn names_that_are_missing_or_tiny_count_for_nothing() {
        let nobody = Account { username: "al", host: "a.b", ..Account::default() };
        assert_eq!(look("already calm walls", &nobody), None);
        assert_eq!(look("tidy kettle moss", &Account::default()), None);
    }

    #[test]
    fn the_lists_are_written_as_they_are_compared() {
        assert!(WELL_KNOWN.split(' ').all(|phrase| phrase.bytes().all(|b| b.is_ascii_lowercase())));
        assert!(WORDS.split(' ').all(|word| word.len() >= RUN && word == word.to_lowercase()));
        assert!(WELL_KNOWN.split(' ').is_sorted() && WORDS.split(' ').is_sorted());
    }

    proptest::proptest! {
        #[test]
        fn looking_never_panics(password: String, username: String, host: String) {
            look(&password, &Account { username: &username, host: &host, ..Account::default() });
        }
    }
}
