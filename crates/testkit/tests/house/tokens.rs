//! Rust source as words and marks, with comments, strings and test modules left out: enough to see what a file names,
//! and no more. A full parser would be a dependency for what two screens of code can do.

/// A word, `::`, or a single mark, with the line it stands on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) line: usize,
}

/// The tokens of a file without its `#[cfg(test)]` items.
pub(crate) fn shipped(text: &str) -> Vec<Token> {
    without_tests(&tokens(text))
}

/// The tokens of a file.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut reader = Reader { rest: text, line: 1, found: Vec::new() };
    while !reader.rest.is_empty() {
        reader.step();
    }
    reader.found
}

/// Whether the tokens from here on read as these.
pub(crate) fn starts_with(tokens: &[Token], words: &[&str]) -> bool {
    tokens.len() >= words.len() && tokens.iter().zip(words).all(|(token, word)| token.text == *word)
}

/// Whether the token is a name or a keyword.
pub(crate) fn is_word(token: &Token) -> bool {
    token.text.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

struct Reader<'a> {
    rest: &'a str,
    line: usize,
    found: Vec<Token>,
}

impl Reader<'_> {
    fn step(&mut self) {
        let first = self.rest.chars().next().unwrap_or_default();
        if self.rest.starts_with("//") {
            self.skip(self.rest.find('\n').unwrap_or(self.rest.len()));
        } else if self.rest.starts_with("/*") {
            self.skip(block_comment(self.rest));
        } else if let Some(length) = raw_string(self.rest) {
            self.skip(length);
        } else if first == '"' {
            self.skip(quoted(self.rest));
        } else if first == '\'' {
            self.skip(character(self.rest).unwrap_or(1));
        } else if first.is_alphanumeric() || first == '_' {
            self.take(word(self.rest));
        } else if self.rest.starts_with("::") {
            self.take(2);
        } else if first.is_whitespace() {
            self.skip(first.len_utf8());
        } else {
            self.take(first.len_utf8());
        }
    }

    fn take(&mut self, length: usize) {
        self.found.push(Token { text: self.rest[..length].to_owned(), line: self.line });
        self.skip(length);
    }

    fn skip(&mut self, length: usize) {
        let (gone, rest) = self.rest.split_at(length);
        self.line += gone.matches('\n').count();
        self.rest = rest;
    }
}

fn word(text: &str) -> usize {
    text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len())
}

fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of `r"…"`, `br#"…"#` and their kin, if one starts here.
fn raw_string(text: &str) -> Option<usize> {
    let prefix = ["r", "br", "cr"].into_iter().find(|prefix| &text[..word(text)] == *prefix)?;
    let hashes = text[prefix.len()..].chars().take_while(|c| *c == '#').count();
    let opening = prefix.len() + hashes;
    let body = text[opening..].strip_prefix('"')?;
    let closing = format!("\"{}", "#".repeat(hashes));
    let length = body.find(&closing).map_or(body.len(), |at| at + closing.len());
    Some(opening + 1 + length)
}

/// The length of a character literal, if this quote opens one and not a lifetime.
fn character(text: &str) -> Option<usize> {
    let mut inside = text[1..].chars();
    let first = inside.next()?;
    if first == '\\' {
        return text[3..].find('\'').map(|at| 3 + at + 1);
    }
    (inside.next()? == '\'').then(|| 1 + first.len_utf8() + 1)
}

fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < text.len() {
        let step = match &text.as_bytes()[at..] {
            [b'/', b'*', ..] => (depth += 1, 2).1,
            [b'*', b'/', ..] => (depth -= 1, 2).1,
            _ => 1,
        };
        at += step;
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

fn without_tests(tokens: &[Token]) -> Vec<Token> {
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if starts_with(&tokens[at..], &["#", "[", "cfg", "(", "test", ")", "]"]) {
            at = item_end(tokens, at);
        } else {
            kept.push(tokens[at].clone());
            at += 1;
        }
    }
    kept
}

/// Where the item that starts here, attributes included, is over.
fn item_end(tokens: &[Token], start: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(start) {
        match token.text.as_str() {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth = depth.saturating_sub(1),
            _ => {}
        }
        let over = depth == 0 && matches!(token.text.as_str(), ";" | "}");
        if over {
            return at + 1;
        }
    }
    tokens.len()
}

#[cfg(test)]
mod tests {
    use super::{shipped, tokens};

    fn words(text: &str) -> String {
        tokens(text).into_iter().map(|token| token.text).collect::<Vec<_>>().join(" ")
    }

    /// A name inside a comment, a string or a character is not a name the file uses.
    #[test]
    fn comments_and_literals_are_left_out() {
        assert_eq!(words("a // b\nc /* d /* e */ f */ g"), "a c g");
        assert_eq!(words(r#"a("b \" c", 'd', '\'', '\n', b"e", "f")"#), "a ( , , , , b , )");
        assert_eq!(words("a(r#\"b \"c\"#, br\"d\", r#type)"), "a ( , , r # type )");
        assert_eq!(words("fn f<'a>(x: &'a str)"), "fn f < a > ( x : & a str )");
    }

    /// A breach is reported with the line a reader will look at.
    #[test]
    fn lines_count_through_literals_and_comments() {
        let last = tokens("a \"\n\" /*\n*/ // x\nb").pop();
        assert_eq!(last.map(|token| (token.text, token.line)), Some(("b".to_owned(), 4)));
    }

    /// Tests may reach further than the code they test.
    #[test]
    fn items_for_tests_are_left_out() {
        let text = "a; #[cfg(test)] mod tests { fn f() { x[0]; } } b; #[cfg(test)] #[x(y)] use z; c";
        let kept: Vec<_> = shipped(text).into_iter().map(|token| token.text).collect();
        assert_eq!(kept.join(" "), "a ; b ; c");
    }
}
