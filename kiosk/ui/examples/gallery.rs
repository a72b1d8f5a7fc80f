//! Draws every kind of screen into a folder: `gallery FOLDER [LANGUAGE] [normal|large|largest] [high] [low] [only=NAME]`.

#[path = "../tests/samples/mod.rs"]
mod samples;

use session::touch::{Contrast, TextSize};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = arguments.first().ok_or("which folder?")?;
    let has = |word: &str| arguments.iter().any(|argument| argument == word);
    let only = arguments
        .iter()
        .find_map(|argument| argument.strip_prefix("only="));
    std::fs::create_dir_all(folder)?;
    let painter = ui::Painter::new(samples::book())?;
    for language in samples::LANGUAGES {
        if arguments
            .iter()
            .any(|argument| samples::LANGUAGES.contains(&argument.as_str()))
            && !has(language)
        {
            continue;
        }
        let look = samples::Look {
            language,
            text_size: if has("largest") {
                TextSize::Largest
            } else if has("large") {
                TextSize::Large
            } else {
                TextSize::Normal
            },
            contrast: if has("high") {
                Contrast::High
            } else {
                Contrast::Normal
            },
            low_reach: has("low"),
        };
        for (name, screen) in samples::all(&look) {
            if only.is_some_and(|only| !only.split(',').any(|part| name == part)) {
                continue;
            }
            let file = format!("{folder}/{language}-{name}.png");
            std::fs::write(&file, painter.paint(&screen).to_png()?)?;
        }
    }
    Ok(())
}
