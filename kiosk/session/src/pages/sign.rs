//! Three equal ways to sign: on the pad, by pen on paper, by the card.

use application::Signature;
use serde::{Deserialize, Serialize};

use crate::choice_id::ChoiceId;
use crate::effects::Effects;
use crate::kiosk_state::KioskState;
use crate::next::{Next, Purpose};
use crate::page::{Page, PageState};
use crate::screen::{Body, Choice, SignBody, Step};
use crate::text::Text;
use crate::touch::Touch;
use crate::visit::Visit;

/// The signature page. The strokes belong to the forms: the resident may look at the review once more and finds them again.
#[derive(Serialize, Deserialize)]
pub(crate) struct Sign;

impl Sign {
    /// How the application is signed is open again.
    pub(crate) fn begin(visit: &mut Visit) -> Self {
        visit.forms.sign(None);
        Self
    }
}

impl PageState for Sign {
    fn view(&self, visit: &Visit, kiosk: &KioskState) -> Page {
        let forms = &kiosk.town.forms;
        let used = visit.forms.uses().iter();
        let used = used.filter_map(|one| forms.form(&one.form));
        let papers = used.map(|form| Text::Words(form.title.clone())).collect();
        let mut choices = vec![
            Choice::new(ChoiceId::ClearSignature, Text::key("sign.clear")).picture("trash"),
            Choice::new(ChoiceId::SignOnPaper, Text::key("sign.paper")).picture("form"),
        ];
        if visit.identity.card().is_some() {
            choices.push(Choice::new(ChoiceId::SignByCard, Text::key("sign.card")).picture("card"));
        }
        let strokes = visit.forms.strokes().to_vec();
        let drawn = !strokes.is_empty();
        let body = Body::Sign(SignBody {
            title: Text::key("sign.title"),
            lead: Text::Key("sign.lead", vec![("papers", Text::List(papers))]),
            strokes,
            choices,
        });
        Page::new(Step::Forms, body).back().next("sign.done", drawn)
    }

    fn touch(
        &mut self,
        touch: &Touch,
        visit: &mut Visit,
        _kiosk: &KioskState,
        _effects: &mut Effects,
    ) -> Next {
        let signed = match touch {
            Touch::Stroke(points) if visit.forms.add_stroke(points) => return Next::Stay,
            Touch::Choose(ChoiceId::ClearSignature) => {
                visit.forms.clear_strokes();
                return Next::Stay;
            }
            Touch::Choose(ChoiceId::SignByCard) if visit.identity.card().is_some() => {
                return Next::CardWanted(Purpose::Sign);
            }
            Touch::Choose(ChoiceId::SignOnPaper) => Signature::OnPaper,
            Touch::Next if !visit.forms.strokes().is_empty() => {
                Signature::Strokes(visit.forms.strokes().to_vec())
            }
            Touch::Back => {
                visit.forms.set_reviewed(false);
                return Next::ReviewAgain;
            }
            _ => return Next::Ignored,
        };
        visit.forms.sign(Some(signed));
        Next::Signed
    }
}
