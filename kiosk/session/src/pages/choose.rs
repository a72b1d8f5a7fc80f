//! Which life event: tiles, 50音 search over readings, certificates.

use guidance::document::{LifeEvent, Procedure};
use guidance::{Catalogue, Facts};
use serde::{Deserialize, Serialize};

use crate::choice_id::ChoiceId;
use crate::effects::Effects;
use crate::kana::{self, Script};
use crate::kiosk_state::KioskState;
use crate::next::Next;
use crate::page::{Page, PageState};
use crate::screen::{Body, Choice, ChoicesBody, SearchBody, Step, TilesBody};
use crate::text::Text;
use crate::touch::{TextSize, Touch};
use crate::visit::Visit;

/// Tiles of life events on one page in words of normal size; half as many where words are larger, fewer still within low
/// reach.
const TILES: usize = 16;
/// Most results of a search that a page holds.
const FOUND: usize = 7;
/// Longest query.
const QUERY: usize = 20;

/// How far the choice is.
#[derive(Serialize, Deserialize)]
pub(crate) enum Choose {
    /// Tiles of life events.
    Tiles { page: usize },
    /// Typing a reading.
    Search { query: String },
    /// A procedure was found that belongs to several life events.
    Which { procedure: String, query: String },
}

impl Choose {
    pub(crate) fn tiles() -> Self {
        Self::Tiles { page: 0 }
    }

    fn turn(&mut self, to: Self) -> Next {
        *self = to;
        Next::Turned
    }

    fn back(&mut self) -> Next {
        let to = match self {
            Self::Tiles { page: 0 } => return Next::NotBegun,
            Self::Tiles { .. } | Self::Search { .. } => Self::tiles(),
            Self::Which { query, .. } => Self::Search {
                query: std::mem::take(query),
            },
        };
        self.turn(to)
    }

    fn choose(&mut self, id: &ChoiceId, visit: &mut Visit, kiosk: &KioskState) -> Next {
        match (&*self, id) {
            (_, ChoiceId::Event(event)) => begin_event(event, visit, &kiosk.town.catalogue),
            (_, ChoiceId::Procedure(id)) => self.choose_procedure(id, visit, kiosk),
            (Self::Tiles { page }, ChoiceId::MoreTiles) => {
                let pages = pages(kiosk);
                let page = (*page).min(pages.saturating_sub(1));
                let page = (page + 1) % pages.max(1);
                self.turn(Self::Tiles { page })
            }
            (Self::Tiles { .. }, ChoiceId::Search) => self.turn(Self::Search {
                query: String::new(),
            }),
            _ => Next::Ignored,
        }
    }

    fn choose_procedure(&mut self, id: &str, visit: &mut Visit, kiosk: &KioskState) -> Next {
        let catalogue = &kiosk.town.catalogue;
        match (events_of(catalogue, id).as_slice(), &mut *self) {
            ([only], _) => begin_event(&only.id, visit, catalogue),
            ([_, ..], Self::Search { query }) => {
                let to = Self::Which {
                    procedure: id.to_owned(),
                    query: std::mem::take(query),
                };
                self.turn(to)
            }
            _ => Next::Ignored,
        }
    }
}

impl PageState for Choose {
    fn view(&self, _visit: &Visit, kiosk: &KioskState) -> Page {
        let catalogue = &kiosk.town.catalogue;
        let body = match self {
            Self::Tiles { page } => tiles_body(*page, kiosk),
            Self::Search { query } => Body::Search(SearchBody {
                title: Text::key("choose.search.title"),
                query: query.clone(),
                found: search(catalogue, query),
            }),
            Self::Which { procedure, .. } => Body::Choices(ChoicesBody {
                title: Text::key("choose.which.title"),
                lead: catalogue
                    .procedure(procedure)
                    .map(|one| Text::Words(one.title.clone())),
                picture: None,
                choices: events_of(catalogue, procedure)
                    .into_iter()
                    .map(event_choice)
                    .collect(),
                many: false,
                why: None,
            }),
        };
        Page::new(Step::Choose, body).back()
    }

    fn touch(
        &mut self,
        touch: &Touch,
        visit: &mut Visit,
        kiosk: &KioskState,
        _effects: &mut Effects,
    ) -> Next {
        match (&mut *self, touch) {
            (Self::Search { query }, Touch::Key(key)) => {
                kana::press(query, *key, Script::Hiragana, QUERY);
                Next::Stay
            }
            (_, Touch::Choose(id)) => self.choose(id, visit, kiosk),
            (_, Touch::Back) => self.back(),
            _ => Next::Ignored,
        }
    }
}

/// Every event on one page where the words are of normal size; larger words and low reach need pages.
fn tiles_on_a_page(kiosk: &KioskState) -> usize {
    match (kiosk.display.low_reach, kiosk.display.text_size) {
        // Half the height, and the same two buttons below.
        (true, _) => TILES * 3 / 8,
        (false, TextSize::Normal) => TILES,
        (false, TextSize::Large | TextSize::Largest) => TILES / 2,
    }
}

fn pages(kiosk: &KioskState) -> usize {
    let events = kiosk.town.catalogue.life_events().len();
    events.div_ceil(tiles_on_a_page(kiosk))
}

fn tiles_body(page: usize, kiosk: &KioskState) -> Body {
    let pages = pages(kiosk);
    // The size of the words may have changed on the way: then the last page that there is.
    let page = page.min(pages.saturating_sub(1));
    let events = kiosk.town.catalogue.life_events();
    let shown = events.chunks(tiles_on_a_page(kiosk)).nth(page);
    let mut extra = Vec::new();
    if pages > 1 {
        let words = if page + 1 < pages {
            "choose.more"
        } else {
            "choose.first"
        };
        extra.push(Choice::new(ChoiceId::MoreTiles, Text::key(words)).picture("list"));
    }
    extra.push(Choice::new(ChoiceId::Search, Text::key("choose.find")).picture("search"));
    Body::Tiles(TilesBody {
        title: Text::key("choose.title"),
        tiles: shown.unwrap_or_default().iter().map(event_choice).collect(),
        extra,
    })
}

fn event_choice(event: &LifeEvent) -> Choice {
    let title = Text::Words(event.title.clone());
    Choice::new(ChoiceId::Event(event.id.clone()), title)
        .lead(Text::Words(event.subtitle.clone()))
        .picture(event.icon.clone())
}

fn procedure_choice(procedure: &Procedure) -> Choice {
    let title = Text::Words(procedure.title.clone());
    Choice::new(ChoiceId::Procedure(procedure.id.clone()), title)
        .lead(Text::key("choose.procedure"))
        .picture("form")
}

/// The life events of which the procedure can be a part.
fn events_of<'a>(catalogue: &'a Catalogue, procedure: &str) -> Vec<&'a LifeEvent> {
    let rules = catalogue.procedure(procedure).map(|one| &one.rule);
    let is_part = |event: &&LifeEvent| {
        rules.is_some_and(|rules| rules.iter().any(|rule| rule.event == event.id))
    };
    catalogue.life_events().iter().filter(is_part).collect()
}

/// Events before procedures, beginnings before middles; dakuten and small kana make no difference.
fn search(catalogue: &Catalogue, query: &str) -> Vec<Choice> {
    let query = kana::fold(query);
    if query.is_empty() {
        return Vec::new();
    }
    let rank = |reading: &str| {
        let reading = kana::fold(reading);
        reading.find(&query).map(|at| usize::from(at > 0))
    };
    let events = catalogue.life_events().iter();
    let events = events.filter_map(|event| Some((rank(&event.kana)?, event_choice(event))));
    let procedures = catalogue.procedures().iter();
    let procedures = procedures.filter_map(|one| Some((rank(&one.kana)?, procedure_choice(one))));
    let mut found: Vec<(usize, Choice)> = events.chain(procedures).collect();
    found.sort_by_key(|(rank, _)| *rank);
    let choices = found.into_iter().map(|(_, choice)| choice);
    choices.take(FOUND).collect()
}

/// Begins an event that the catalogue has.
fn begin_event(event: &str, visit: &mut Visit, catalogue: &Catalogue) -> Next {
    let known = catalogue.life_event(event).is_some();
    match Facts::new(visit.today, event) {
        Ok(facts) if known => {
            visit.begin_event(facts);
            Next::EventChosen
        }
        _ => Next::Ignored,
    }
}
