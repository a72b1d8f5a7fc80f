//! Every value of every form, where it came from, and each page as it will be printed.

use std::sync::Arc;

use application::{StaffNoteKind, person_of, printed_keys};

use crate::effect::Request;
use crate::forms::{Forms, Preview};
use crate::page::{Explain, Page};
use crate::place::Place;
use crate::plan::PlanStage;
use crate::screen::{Body, Choice, PageImage, ReviewGroup, ReviewRow, Step, Tone};
use crate::session::Session;
use crate::text::Text;
use crate::touch::Touch;

impl Session {
    pub(crate) fn review(&mut self) {
        self.visit.entry = crate::entry::Entry::default();
        self.go(Place::Forms(Forms::Review));
    }

    pub(crate) fn review_page(&self) -> Page {
        let missing = self.open_needs();
        let rows = printed_keys(&self.town.forms, &self.visit.uses, &self.visit.values);
        let mut groups: Vec<(Option<String>, ReviewGroup)> = Vec::new();
        for key in rows {
            let Some(row) = self.row(&key, missing.iter().any(|need| need.key == key)) else {
                continue;
            };
            let person = person_of(&key).map(str::to_owned);
            match groups.iter_mut().find(|(whose, _)| *whose == person) {
                Some((_, group)) => group.rows.push(row),
                None => {
                    let title = person
                        .as_deref()
                        .map_or_else(|| Text::key("review.visit"), |id| self.person(id));
                    groups.push((
                        person,
                        ReviewGroup {
                            title,
                            rows: vec![row],
                        },
                    ));
                }
            }
        }
        let body = Body::Review {
            title: Text::key("review.title"),
            papers: self.papers(),
            groups: groups.into_iter().map(|(_, group)| group).collect(),
        };
        Page::new(Step::Forms, body)
            .back()
            .next("review.right", missing.is_empty())
    }

    fn papers(&self) -> Vec<Choice> {
        let uses = self.visit.uses.iter().enumerate();
        uses.filter_map(|(index, one)| {
            let form = self.town.forms.form(&one.form)?;
            let choice = Choice::new(format!("paper:{index}"), Text::Words(form.title.clone()))
                .picture("form");
            Some(choice.lead(Text::key("review.look")))
        })
        .collect()
    }

    fn row(&self, key: &str, missing: bool) -> Option<ReviewRow> {
        let field = self.town.forms.field(key)?;
        let value = self.visit.values.get(key);
        if value.is_none() && !missing && !self.visit.left_open.contains(key) {
            return None;
        }
        Some(ReviewRow {
            id: format!("value:{key}"),
            label: self.label(key, &field.label),
            value: value.map(|value| value.text.clone()).unwrap_or_default(),
            source: value.map(|value| value.source),
            missing,
            staff: self.staff_note(key),
            editable: field.editable,
        })
    }

    fn staff_note(&self, key: &str) -> Option<Text> {
        if self.visit.left_open.contains(key) {
            return Some(Text::key("review.later"));
        }
        let note = self
            .visit
            .notes
            .iter()
            .find(|note| note.key.as_deref() == Some(key))?;
        let words = match note.kind {
            StaffNoteKind::LongText => "review.staff.long",
            StaffNoteKind::SubstitutedGlyph => "review.staff.glyph",
            StaffNoteKind::UnknownDate => "review.staff.date",
            StaffNoteKind::Changed => "review.staff.changed",
            StaffNoteKind::LeftOpen => "review.later",
            StaffNoteKind::NoMatch | StaffNoteKind::CardUnverified | StaffNoteKind::NotDrawn => {
                return None;
            }
        };
        Some(Text::key(words))
    }

    pub(crate) fn review_touch(&mut self, touch: &Touch) {
        match touch {
            Touch::Choose(id) => {
                if let Some(key) = id.strip_prefix("value:") {
                    let editable = self
                        .town
                        .forms
                        .field(key)
                        .is_some_and(|field| field.editable);
                    let offered =
                        printed_keys(&self.town.forms, &self.visit.uses, &self.visit.values);
                    if editable && offered.iter().any(|other| other == key) {
                        self.show_value(key.to_owned(), true);
                    }
                } else if let Some(form) = id
                    .strip_prefix("paper:")
                    .and_then(|index| index.parse().ok())
                {
                    self.preview(form, 0, 1);
                }
            }
            Touch::Next if self.open_needs().is_empty() => {
                self.visit.reviewed = true;
                self.begin_signing();
            }
            Touch::Back => self.go(Place::Plan(PlanStage::Overview)),
            _ => {}
        }
    }

    fn preview(&mut self, form: usize, page: usize, pages: usize) {
        if form >= self.visit.uses.len() {
            return;
        }
        let application = Arc::new(self.application());
        self.go(Place::Forms(Forms::Preview(Preview {
            form,
            page,
            pages,
            image: None,
            failed: false,
        })));
        self.ask(Request::Preview {
            application,
            form,
            page,
        });
    }

    pub(crate) fn preview_page(&self, preview: &Preview) -> Page {
        let form = self
            .visit
            .uses
            .get(preview.form)
            .and_then(|one| self.town.forms.form(&one.form));
        let title = form.map_or_else(
            || Text::key("review.paper"),
            |form| Text::Words(form.title.clone()),
        );
        if preview.failed {
            let page = Explain::new(Tone::Warning, "printer-error", "preview.failed.title")
                .text(title)
                .line("preview.failed.lost")
                .line("preview.failed.do")
                .code("F-31");
            return Page::new(Step::Forms, page.body()).back();
        }
        let body = Body::Preview {
            title,
            page: (preview.page + 1, preview.pages),
            image: preview.image.clone(),
        };
        let page = Page::new(Step::Forms, body).back();
        if preview.page + 1 < preview.pages {
            page.next("preview.next", preview.image.is_some())
        } else {
            page.next("preview.close", true)
        }
    }

    pub(crate) fn preview_came(&mut self, image: Arc<PageImage>, pages: usize) {
        if let Place::Forms(Forms::Preview(preview)) = &mut self.place {
            preview.image = Some(image);
            preview.pages = pages.max(1);
        }
    }

    pub(crate) fn preview_failed(&mut self) {
        if let Place::Forms(Forms::Preview(preview)) = &mut self.place {
            preview.failed = true;
            // The page tells the resident that staff will look at the paper, so staff are told.
            self.visit.note(StaffNoteKind::NotDrawn, None);
        }
    }

    pub(crate) fn preview_touch(&mut self, touch: &Touch) {
        let Place::Forms(Forms::Preview(preview)) = &self.place else {
            return;
        };
        let (form, page, pages) = (preview.form, preview.page, preview.pages);
        match touch {
            Touch::Next if preview.failed => {}
            Touch::Next if page + 1 < pages && preview.image.is_some() => {
                self.preview(form, page + 1, pages);
            }
            Touch::Next if page + 1 < pages => {}
            Touch::Back if page > 0 => self.preview(form, page - 1, pages),
            Touch::Next | Touch::Back => {
                self.give_up();
                self.review();
            }
            _ => {}
        }
    }
}
