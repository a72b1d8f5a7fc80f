//! Everything that a screen says, for tests that look for what must or must not be there.

use session::screen::{
    Body, BringItem, CardPlaceBody, Choice, ChoicesBody, DoneBody, EntryBody, LeaveBody,
    NoticeBody, Pad, PinPadBody, PlanBody, PlanCard, PreviewBody, ReviewBody, Screen, SearchBody,
    SignBody, TilesBody, WorkingBody,
};
use session::text::Text;

use crate::town;

/// Calls back with every text of the screen.
pub fn texts(screen: &Screen, see: &mut dyn FnMut(&Text)) {
    see(&screen.frame.town);
    if let Some((words, _)) = &screen.frame.next {
        see(words);
    }
    body(&screen.body, see);
}

fn choices(all: &[Choice], see: &mut dyn FnMut(&Text)) {
    for choice in all {
        see(&choice.title);
        choice.lead.iter().for_each(&mut *see);
    }
}

fn plain(text: &str, see: &mut dyn FnMut(&Text)) {
    see(&Text::Plain(text.to_owned()));
}

fn bring(items: &[BringItem], see: &mut dyn FnMut(&Text)) {
    for item in items {
        see(&item.item);
        item.why.iter().for_each(&mut *see);
    }
}

fn plan_card(card: &PlanCard, see: &mut dyn FnMut(&Text)) {
    see(&card.title);
    card.who.iter().for_each(&mut *see);
    see(&card.level);
    see(&card.counter);
    card.due
        .iter()
        .chain(&card.overdue)
        .chain(&card.fee)
        .chain(&card.reasons)
        .for_each(&mut *see);
    bring(&card.bring, see);
}

fn body(body: &Body, see: &mut dyn FnMut(&Text)) {
    match body {
        Body::Welcome(_) => {}
        Body::Tiles(TilesBody {
            title,
            tiles,
            extra,
        }) => {
            see(title);
            choices(tiles, see);
            choices(extra, see);
        }
        Body::Search(SearchBody {
            title,
            query,
            found,
        }) => {
            see(title);
            plain(query, see);
            choices(found, see);
        }
        Body::Choices(ChoicesBody {
            title,
            lead,
            choices: all,
            why,
            ..
        }) => {
            see(title);
            lead.iter().for_each(&mut *see);
            choices(all, see);
            if let Some(why) = why {
                see(&why.text);
                why.procedures.iter().for_each(&mut *see);
            }
        }
        Body::CardPlace(CardPlaceBody {
            title,
            lead,
            choices: all,
        }) => {
            see(title);
            see(lead);
            choices(all, see);
        }
        Body::PinPad(PinPadBody {
            title,
            lead,
            problem,
            choices: all,
            ..
        }) => {
            see(title);
            see(lead);
            problem.iter().for_each(&mut *see);
            choices(all, see);
        }
        Body::Working(WorkingBody {
            title,
            stages,
            lead,
            choices: all,
        }) => {
            see(title);
            stages.iter().for_each(|stage| see(&stage.title));
            lead.iter().for_each(&mut *see);
            choices(all, see);
        }
        Body::Notice(NoticeBody {
            title,
            lines,
            choices: all,
            ..
        }) => {
            see(title);
            lines.iter().for_each(&mut *see);
            choices(all, see);
        }
        Body::Plan(PlanBody {
            title,
            summary,
            lines,
            bring: items,
        }) => {
            see(title);
            see(summary);
            lines.iter().for_each(|line| plan_card(line, see));
            bring(items, see);
        }
        Body::PlanDetail(card) => plan_card(card, see),
        Body::Entry(EntryBody {
            title,
            lead,
            pad: shown,
            problem,
            choices: all,
        }) => {
            see(title);
            lead.iter().chain(problem).for_each(&mut *see);
            pad(shown, see);
            choices(all, see);
        }
        Body::Review(ReviewBody {
            title,
            papers,
            groups,
        }) => {
            see(title);
            choices(papers, see);
            for group in groups {
                see(&group.title);
                for row in &group.rows {
                    see(&row.label);
                    plain(&row.value, see);
                    row.staff.iter().for_each(&mut *see);
                }
            }
        }
        Body::Preview(PreviewBody { title, .. }) => see(title),
        Body::Sign(SignBody {
            title,
            lead,
            choices: all,
            ..
        }) => {
            see(title);
            see(lead);
            choices(all, see);
        }
        Body::Done(DoneBody {
            title,
            reception,
            lines,
            choices: all,
        }) => {
            see(title);
            plain(reception, see);
            lines.iter().for_each(&mut *see);
            choices(all, see);
        }
        Body::Leave(LeaveBody { title, .. }) => see(title),
    }
}

fn pad(pad: &Pad, see: &mut dyn FnMut(&Text)) {
    match pad {
        Pad::Kana(text) | Pad::Text(text) | Pad::Digits { text, .. } => plain(text, see),
        Pad::Date(date) => {
            choices(&date.eras, see);
            date.parts
                .iter()
                .chain(&date.spoken)
                .for_each(|part| plain(part, see));
        }
        Pad::Postal { digits, found, .. } => {
            plain(digits, see);
            choices(found, see);
        }
        Pad::Vocabulary(all) => choices(all, see),
    }
}

/// Every plain string in the screen, arguments of words included.
pub fn strings(screen: &Screen) -> Vec<String> {
    let mut out = Vec::new();
    texts(screen, &mut |text| {
        walk(text, &mut |text| {
            if let Text::Plain(plain) = text {
                out.push(plain.clone());
            }
        })
    });
    out
}

/// The text and every text inside it.
pub fn walk(text: &Text, see: &mut dyn FnMut(&Text)) {
    see(text);
    match text {
        Text::Key(_, arguments) | Text::WordsWith(_, arguments) => {
            arguments
                .iter()
                .for_each(|(_, argument)| walk(argument, see));
        }
        Text::List(all) => all.iter().for_each(|one| walk(one, see)),
        Text::Words(_) | Text::Plain(_) | Text::Date(_) => {}
    }
}

/// Ids that can be touched: a row of the review only where the value may be changed.
pub fn touchable(screen: &Screen) -> Vec<String> {
    let mut ids = offered(screen);
    if let Body::Review(review) = &screen.body {
        let rows = review.groups.iter().flat_map(|group| &group.rows);
        let fixed = rows.filter(|row| !row.editable);
        let fixed: Vec<String> = fixed.map(|row| row.id.to_string()).collect();
        ids.retain(|id| !fixed.contains(id));
    }
    ids
}

/// Ids of everything that looks like a choice or a row.
pub fn offered(screen: &Screen) -> Vec<String> {
    let all: Vec<&Choice> = match &screen.body {
        Body::Tiles(TilesBody { tiles, extra, .. }) => tiles.iter().chain(extra).collect(),
        Body::Search(SearchBody { found, .. }) => found.iter().collect(),
        Body::Choices(ChoicesBody { choices, .. })
        | Body::CardPlace(CardPlaceBody { choices, .. })
        | Body::PinPad(PinPadBody { choices, .. })
        | Body::Working(WorkingBody { choices, .. })
        | Body::Notice(NoticeBody { choices, .. })
        | Body::Sign(SignBody { choices, .. })
        | Body::Done(DoneBody { choices, .. }) => choices.iter().collect(),
        Body::Entry(EntryBody { pad, choices, .. }) => {
            choices.iter().chain(pad_choices(pad)).collect()
        }
        Body::Review(ReviewBody { papers, .. }) => papers.iter().collect(),
        _ => Vec::new(),
    };
    let mut ids: Vec<String> = all
        .into_iter()
        .map(|choice| choice.id.to_string())
        .collect();
    match &screen.body {
        Body::Plan(PlanBody { lines, .. }) => {
            ids.extend(lines.iter().map(|line| line.id.to_string()))
        }
        Body::Review(ReviewBody { groups, .. }) => {
            ids.extend(
                groups
                    .iter()
                    .flat_map(|group| &group.rows)
                    .map(|row| row.id.to_string()),
            );
        }
        _ => {}
    }
    ids
}

fn pad_choices(pad: &Pad) -> Vec<&Choice> {
    match pad {
        Pad::Date(date) => date.eras.iter().collect(),
        Pad::Postal { found, .. } => found.iter().collect(),
        Pad::Vocabulary(all) => all.iter().collect(),
        Pad::Kana(_) | Pad::Text(_) | Pad::Digits { .. } => Vec::new(),
    }
}

/// The screen's title: the key where it is a word of the book, else e.g. `move_in.date` for a life event's own question.
pub fn title(screen: &Screen) -> &'static str {
    let title = match &screen.body {
        Body::Tiles(TilesBody { title, .. })
        | Body::Search(SearchBody { title, .. })
        | Body::Choices(ChoicesBody { title, .. })
        | Body::CardPlace(CardPlaceBody { title, .. })
        | Body::PinPad(PinPadBody { title, .. })
        | Body::Working(WorkingBody { title, .. })
        | Body::Notice(NoticeBody { title, .. })
        | Body::Plan(PlanBody { title, .. })
        | Body::Entry(EntryBody { title, .. })
        | Body::Review(ReviewBody { title, .. })
        | Body::Preview(PreviewBody { title, .. })
        | Body::Sign(SignBody { title, .. })
        | Body::Done(DoneBody { title, .. })
        | Body::Leave(LeaveBody { title, .. }) => title,
        Body::Welcome(_) => return "welcome",
        Body::PlanDetail(_) => return "plan.detail",
    };
    match title {
        Text::Key(..) => key(title),
        Text::Words(words) => town::event_title(words).unwrap_or("words"),
        _ => "words",
    }
}

/// The key of a word of the book.
pub fn key(text: &Text) -> &'static str {
    match text {
        Text::Key(key, _) => key,
        _ => "words",
    }
}
