//! `docs/api-access.md`, as somebody pastes it: its commands in one shell, in their order, against a server that is being tried out;
//! and what each of them prints, beside what the page says. The blocks marked `sh` are commands, a block marked `text` right behind
//! is what comes of them, where `…` stands for anything; commands without such a block print nothing.

use crate::cli_dev::has_curl;
use crate::doorward::{Place, Ran};
use crate::harness::Server;
use crate::trial::Trial;
use std::path::Path;
use std::process::Command;

const PAGE: &str = include_str!("../../../../docs/api-access.md");
/// What stands between the outputs of two recipes.
const RULE: &str = "--8<--";

/// Commands, and what they print.
#[derive(Debug)]
struct Recipe {
    commands: &'static str,
    prints: &'static str,
}

impl Recipe {
    /// How an administrator comes to be where nothing was seeded.
    fn is_for_earnest(&self) -> bool {
        self.commands.contains("admin create")
    }

    fn is_for_trials(&self) -> bool {
        self.commands.contains("--dev")
    }
}

/// All recipes of the page, in their order.
fn recipes() -> Vec<Recipe> {
    let mut recipes = Vec::new();
    let mut blocks = PAGE.split("\n```").skip(1).step_by(2).peekable();
    while let Some(block) = blocks.next() {
        let commands = block.strip_prefix("sh\n").unwrap_or_else(|| panic!("no commands: {block}"));
        let prints = blocks.next_if(|next| next.starts_with("text\n"));
        recipes.push(Recipe { commands, prints: prints.map_or("", |block| &block["text\n".len()..]) });
    }
    recipes
}

/// What each of these recipes prints in a shell of this place that begins with nothing but the issuer's name.
fn run(recipes: &[Recipe], issuer: &str, place: &Place) -> Vec<String> {
    let binary = Path::new(env!("CARGO_BIN_EXE_doorward")).parent().expect("it is in a folder");
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap_or_default());
    let commands: Vec<_> = recipes.iter().map(|recipe| recipe.commands).collect();
    let script = commands.join(&format!("\necho '{RULE}'\n"));
    let mut shell = Command::new("bash");
    place.furnish(&mut shell).env("PATH", path).env("ISSUER", issuer).args(["-eu", "-c", &script]);
    let ran = Ran::of(&shell.output().unwrap());
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{ran:#?}");
    ran.stdout.split(&format!("{RULE}\n")).map(|text| text.trim_end().to_owned()).collect()
}

/// Whether a text is what is expected, line by line.
fn is_like(text: &str, expected: &str) -> bool {
    let (lines, expected): (Vec<_>, Vec<_>) = (text.lines().collect(), expected.lines().collect());
    lines.len() == expected.len() && lines.iter().zip(expected).all(|(line, expected)| fits(line, expected))
}

fn fits(line: &str, expected: &str) -> bool {
    let mut parts = expected.split('…');
    let Some(mut rest) = line.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        let last = parts.peek().is_none();
        let at = if last { rest.ends_with(part).then(|| rest.len() - part.len()) } else { rest.find(part) };
        let Some(at) = at else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.is_empty()
}

#[track_caller]
fn hold(recipes: &[Recipe], printed: &[String]) {
    assert_eq!(recipes.len(), printed.len(), "{printed:#?}");
    for (recipe, printed) in recipes.iter().zip(printed) {
        assert!(
            is_like(printed, recipe.prints),
            "{}\nprints\n{printed}\nand not\n{}",
            recipe.commands,
            recipe.prints
        );
    }
}

/// RFC 7662 §2.2, RFC 8693 §2.2.1: what is managed by curl alone is what APIs are told.
#[test]
fn everything_on_the_page_about_access_to_apis_works_as_it_stands() {
    if !has_curl() {
        return;
    }
    let trial = Trial::start(Place::bare());
    let recipes: Vec<_> = recipes().into_iter().filter(|recipe| !recipe.is_for_earnest()).collect();
    let issuer = trial.note()["issuer"].as_str().unwrap().to_owned();
    hold(&recipes, &run(&recipes, &issuer, &trial.place));
}

/// The first steps where nothing was seeded: they end with an administrator's token.
#[test]
fn the_first_token_of_a_new_installation_works_as_the_page_says() {
    if !has_curl() {
        return;
    }
    let server = Server::start();
    let mut recipes: Vec<_> = recipes().into_iter().filter(|recipe| !recipe.is_for_trials()).collect();
    recipes.truncate(3);
    assert!(recipes[1].is_for_earnest() && recipes[2].commands.contains("/me"), "{recipes:#?}");
    hold(&recipes, &run(&recipes, &server.issuer(), server.place()));
}

#[test]
fn an_ellipsis_stands_for_anything_and_everything_else_for_itself() {
    for (text, expected, is) in [
        ("", "", true),
        ("a", "", false),
        ("a", "a", true),
        ("ab", "a", false),
        ("abc", "a…c", true),
        ("ab", "a…c", false),
        ("a1b2c", "a…b…c", true),
        ("a1c2c", "a…c", true),
        ("abc\nd", "abc\n…", true),
        ("abc\nd", "abc", false),
    ] {
        assert_eq!(is_like(text, expected), is, "{text} {expected}");
    }
}
