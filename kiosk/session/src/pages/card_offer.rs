//! "Will you use your card?"

use serde::{Deserialize, Serialize};

use crate::choice_id::ChoiceId;
use crate::effect::Indication;
use crate::effects::Effects;
use crate::kiosk_state::KioskState;
use crate::next::{Next, Purpose};
use crate::page::{Page, PageState, why};
use crate::screen::{Body, Choice, ChoicesBody, Step};
use crate::text::Text;
use crate::touch::Touch;
use crate::visit::Visit;

/// The card is offered, never demanded.
#[derive(Serialize, Deserialize)]
pub(crate) struct CardOffer;

impl PageState for CardOffer {
    fn view(&self, _visit: &Visit, kiosk: &KioskState) -> Page {
        let use_card = Choice::new(ChoiceId::UseCard, Text::key("card.offer.use"))
            .lead(Text::key("card.offer.use-lead"))
            .picture("card");
        let without = Choice::new(ChoiceId::GoOnWithout, Text::key("card.offer.without"))
            .lead(Text::key("card.offer.without-lead"))
            .picture("touch");
        let lead = if kiosk.online {
            "card.offer.lead"
        } else {
            "card.offer.lead-offline"
        };
        let body = Body::Choices(ChoicesBody {
            title: Text::key("card.offer.title"),
            lead: Some(Text::key(lead)),
            picture: Some("card"),
            choices: vec![use_card, without],
            many: false,
            why: Some(why("card.offer.why", kiosk)),
        });
        Page::new(Step::Card, body).back()
    }

    fn touch(
        &mut self,
        touch: &Touch,
        _visit: &mut Visit,
        _kiosk: &KioskState,
        effects: &mut Effects,
    ) -> Next {
        match touch {
            Touch::Choose(ChoiceId::UseCard) => Next::CardWanted(Purpose::Identify),
            Touch::Choose(ChoiceId::GoOnWithout) => {
                effects.indicate(Indication::Idle);
                Next::CardDeclined(Purpose::Identify)
            }
            Touch::Back => Next::EventGivenUp,
            _ => Next::Ignored,
        }
    }
}
