//! Which life event: tiles, 50音 search over readings, certificates.

use guidance::{Facts, Words};

use crate::household::with_household;
use crate::kana::{self, Script};
use crate::page::Page;
use crate::place::Place;
use crate::roster::Roster;
use crate::screen::{Body, Choice, Step};
use crate::session::Session;
use crate::text::Text;
use crate::touch::{Key, TextSize, Touch};

/// Most results of a search that a page holds.
const FOUND: usize = 7;
/// Longest query.
const QUERY: usize = 20;

/// Where in choosing.
#[derive(Clone)]
pub(crate) enum Choose {
    /// Tiles of life events.
    Tiles { page: usize },
    /// Typing a reading.
    Search { query: String },
    /// A procedure was found that belongs to several life events.
    Which { procedure: String, query: String },
}

impl Default for Choose {
    fn default() -> Self {
        Self::Tiles { page: 0 }
    }
}

impl Session {
    pub(crate) fn welcome_page(&self) -> Page {
        let body = Body::Welcome {
            languages: self.town.languages.clone(),
        };
        Page {
            body,
            step: None,
            back: false,
            next: None,
            help: false,
        }
    }

    pub(crate) fn welcome_touch(&mut self, touch: &Touch) {
        if matches!(touch, Touch::Begin) {
            self.begin_visit();
        }
    }

    /// The tiles again; an event chosen before is given up.
    pub(crate) fn choose_event(&mut self) {
        self.visit.base = None;
        self.visit.facts = None;
        self.go(Place::Choose(Choose::default()));
    }

    pub(crate) fn choose_page(&self, choose: &Choose) -> Page {
        let body = match choose {
            Choose::Tiles { page } => self.tiles_body(*page),
            Choose::Search { query } => Body::Search {
                title: Text::key("choose.search.title"),
                query: query.clone(),
                found: self.search(query),
            },
            Choose::Which { procedure, .. } => Body::Choices {
                title: Text::key("choose.which.title"),
                lead: self.procedure_title(procedure).map(Text::Words),
                picture: None,
                choices: self.events_of(procedure),
                many: false,
                why: None,
            },
        };
        Page::new(Step::Choose, body).back()
    }

    /// Every event on one page where the words are of normal size; larger words and low reach need pages.
    fn tiles_on_a_page(&self) -> usize {
        let whole = self.town.policy.tiles.max(2);
        match (self.look.low_reach, self.look.text_size) {
            // Half the height, and the same two buttons below.
            (true, _) => (whole * 3 / 8).max(2),
            (false, TextSize::Normal) => whole,
            (false, TextSize::Large | TextSize::Largest) => whole / 2,
        }
    }

    fn tiles_body(&self, page: usize) -> Body {
        let all = self.event_choices(|_| true);
        let most = self.tiles_on_a_page();
        let pages = all.len().div_ceil(most);
        // The size of the words may have changed on the way: then the last page that there is.
        let page = page.min(pages.saturating_sub(1));
        let tiles = all.chunks(most).nth(page).unwrap_or_default().to_vec();
        let mut extra = Vec::new();
        if pages > 1 {
            let words = if page + 1 < pages {
                "choose.more"
            } else {
                "choose.first"
            };
            extra.push(Choice::new("more", Text::key(words)).picture("list"));
        }
        extra.push(Choice::new("search", Text::key("choose.find")).picture("search"));
        Body::Tiles {
            title: Text::key("choose.title"),
            tiles,
            extra,
        }
    }

    fn event_choices(&self, wanted: impl Fn(&str) -> bool) -> Vec<Choice> {
        let events = self
            .town
            .catalogue
            .life_events()
            .iter()
            .filter(|event| wanted(&event.id));
        events
            .map(|event| {
                Choice::new(
                    format!("event:{}", event.id),
                    Text::Words(event.title.clone()),
                )
                .lead(Text::Words(event.subtitle.clone()))
                .picture(event.icon.clone())
            })
            .collect()
    }

    fn procedure_title(&self, id: &str) -> Option<Words> {
        self.town
            .catalogue
            .procedures()
            .iter()
            .find(|one| one.id == id)
            .map(|one| one.title.clone())
    }

    /// The life events of which the procedure can be a part.
    fn events_of(&self, procedure: &str) -> Vec<Choice> {
        let rules = self
            .town
            .catalogue
            .procedures()
            .iter()
            .find(|one| one.id == procedure)
            .map(|one| &one.rule);
        self.event_choices(|id| {
            rules.is_some_and(|rules| rules.iter().any(|rule| rule.event == id))
        })
    }

    /// Events before procedures, beginnings before middles; dakuten and small kana do not matter.
    fn search(&self, query: &str) -> Vec<Choice> {
        let query = kana::fold(query);
        if query.is_empty() {
            return Vec::new();
        }
        let rank = |reading: &str| {
            let reading = kana::fold(reading);
            reading.find(&query).map(|at| usize::from(at > 0))
        };
        let events = self
            .town
            .catalogue
            .life_events()
            .iter()
            .filter_map(|event| {
                let best = rank(&event.kana)?;
                let choice = Choice::new(
                    format!("event:{}", event.id),
                    Text::Words(event.title.clone()),
                );
                Some((
                    best,
                    choice
                        .lead(Text::Words(event.subtitle.clone()))
                        .picture(event.icon.clone()),
                ))
            });
        let procedures = self.town.catalogue.procedures().iter().filter_map(|one| {
            let best = rank(&one.kana)?;
            let choice = Choice::new(
                format!("procedure:{}", one.id),
                Text::Words(one.title.clone()),
            );
            Some((
                best,
                choice.lead(Text::key("choose.procedure")).picture("form"),
            ))
        });
        let mut found: Vec<(usize, Choice)> = events.chain(procedures).collect();
        found.sort_by_key(|(best, _)| *best);
        found
            .into_iter()
            .map(|(_, choice)| choice)
            .take(FOUND)
            .collect()
    }

    pub(crate) fn choose_touch(&mut self, touch: &Touch) {
        let Place::Choose(choose) = &mut self.place else {
            return;
        };
        match (choose, touch) {
            (Choose::Search { query }, Touch::Key(key)) => type_query(query, *key),
            (choose, Touch::Choose(id)) => {
                let choose = choose.clone();
                self.choose_choice(&choose, id);
            }
            (choose, Touch::Back) => match choose.clone() {
                Choose::Tiles { page: 0 } => self.go(Place::Welcome),
                Choose::Tiles { .. } | Choose::Search { .. } => {
                    self.go(Place::Choose(Choose::default()))
                }
                Choose::Which { query, .. } => self.go(Place::Choose(Choose::Search { query })),
            },
            _ => {}
        }
    }

    fn choose_choice(&mut self, choose: &Choose, id: &str) {
        if let Some(event) = id.strip_prefix("event:") {
            self.pick_event(event);
        } else if let Some(procedure) = id.strip_prefix("procedure:") {
            self.pick_procedure(procedure, choose);
        } else if let (Choose::Tiles { page }, "more") = (choose, id) {
            let events = self.town.catalogue.life_events().len();
            let pages = events.div_ceil(self.tiles_on_a_page());
            let page = (*page).min(pages.saturating_sub(1));
            self.go(Place::Choose(Choose::Tiles {
                page: (page + 1) % pages.max(1),
            }));
        } else if let (Choose::Tiles { .. }, "search") = (choose, id) {
            self.go(Place::Choose(Choose::Search {
                query: String::new(),
            }));
        }
    }

    fn pick_procedure(&mut self, procedure: &str, choose: &Choose) {
        let events = self.events_of(procedure);
        match (events.as_slice(), choose) {
            ([only], _) => {
                let id = only.id.trim_start_matches("event:").to_owned();
                self.pick_event(&id);
            }
            ([_, ..], Choose::Search { query }) => {
                self.go(Place::Choose(Choose::Which {
                    procedure: procedure.to_owned(),
                    query: query.clone(),
                }));
            }
            _ => {}
        }
    }

    /// Begins an event that the catalogue has; other ids are not on the screen and are ignored.
    fn pick_event(&mut self, event: &str) {
        let known = self.town.catalogue.life_event(event).is_some();
        let Some(facts) = Facts::new(self.visit.today, event).ok().filter(|_| known) else {
            return;
        };
        let base = match &self.visit.household {
            Some(household) => with_household(facts, household),
            None => facts,
        };
        self.visit.facts = Some(base.clone());
        self.visit.base = Some(base);
        self.visit.said.clear();
        self.visit.turns = crate::together::Turns::default();
        self.visit.roster = Roster::after_card(self.visit.card.as_ref());
        if self.visit.card.is_some() {
            self.begin_details();
        } else {
            self.offer_card();
        }
    }
}

fn type_query(query: &mut String, key: Key) {
    kana::press(query, key, Script::Hiragana, QUERY);
}
