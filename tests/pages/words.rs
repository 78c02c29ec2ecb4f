//! Splits what a page shows into what can be run: code blocks into lines, lines into words as a shell would.

/// A fenced block: its tag and its lines.
pub struct Block {
    pub tag: String,
    pub lines: Vec<String>,
}

/// The fenced blocks of a page, and nothing of its prose.
pub fn blocks(page: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut open: Option<Block> = None;
    for line in page.lines() {
        match (line.trim_start().strip_prefix("```"), &mut open) {
            (Some(tag), None) => open = Some(Block { tag: tag.trim().to_owned(), lines: Vec::new() }),
            (Some(_), Some(_)) => found.extend(open.take()),
            (None, Some(block)) => block.lines.push(line.to_owned()),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a code block is not closed");
    found
}

/// The commands of a shell block: continued lines joined, comments dropped, each cut at pipes and `&&`.
pub fn commands(lines: &[String]) -> Vec<Vec<String>> {
    let text = lines.join("\n").replace("\\\n", " ");
    text.lines().flat_map(command_line).filter(|words| !words.is_empty()).collect()
}

/// One line as its commands' words. `'…'` and `"…"` hold words together, `$(…)` stays as it is.
fn command_line(line: &str) -> Vec<Vec<String>> {
    let mut commands = vec![Vec::new()];
    let (mut word, mut begun, mut quote) = (String::new(), false, None);
    let end = |word: &mut String, begun: &mut bool, commands: &mut Vec<Vec<String>>| {
        if std::mem::take(begun) {
            commands.last_mut().expect("a command").push(std::mem::take(word));
        }
    };
    for c in line.chars() {
        match (quote, c) {
            (Some(open), _) if open == c => quote = None,
            (Some(_), _) => word.push(c),
            (None, '\'' | '"') => (quote, begun) = (Some(c), true),
            (None, '#') if !begun => break,
            (None, '|' | '&') => {
                end(&mut word, &mut begun, &mut commands);
                commands.push(Vec::new());
            }
            (None, c) if c.is_whitespace() => end(&mut word, &mut begun, &mut commands),
            (None, c) => {
                word.push(c);
                begun = true;
            }
        }
    }
    assert!(quote.is_none(), "a quote is not closed: {line}");
    end(&mut word, &mut begun, &mut commands);
    commands
}

#[test]
fn lines_are_split_as_a_shell_would() {
    let lines = ["sudo ficsync a --name 'Rossi srl' \\", "  --x \"$(ficsync db path)\" | head && make demo # why"];
    let commands = commands(&lines.map(str::to_owned));
    assert_eq!(
        commands,
        [
            vec!["sudo", "ficsync", "a", "--name", "Rossi srl", "--x", "$(ficsync db path)"],
            vec!["head"],
            vec!["make", "demo"],
        ]
    );
}

#[test]
fn blocks_are_found_with_their_tags() {
    let found = blocks("a\n```sh\nb\n```\nc\n```\nd\ne\n```\n");
    let found: Vec<_> = found.iter().map(|block| (block.tag.as_str(), block.lines.len())).collect();
    assert_eq!(found, [("sh", 1), ("", 2)]);
}
