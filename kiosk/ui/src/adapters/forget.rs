//! The visit is over: no global of ui/model.slint keeps what it showed. A page's own elements go with the page; the values in
//! the globals would stay until the same page is shown to the next resident.

use slint::ComponentHandle;

use crate::screens::{
    Body, ChoicesView, DetailView, DoneView, EntryView, Main, NoticeView, PinView, PlanView,
    PreviewView, ReviewView, SearchView, SignView, TilesView, WorkingView,
};

/// Gives every property its first value again.
pub(crate) fn forget(main: &Main) {
    macro_rules! clear {
        ($($view:ident { $($set:ident)* })*) => {
            $({
                let view = main.global::<$view<'_>>();
                $(view.$set(Default::default());)*
            })*
        };
    }
    clear! {
        Body {
            set_title set_lead set_has_lead set_picture set_choices set_has_choices set_problem set_has_problem
        }
        TilesView { set_tiles set_extra }
        SearchView { set_query set_found }
        ChoicesView { set_many set_why set_why_open set_why_text set_why_procedures }
        PinView { set_tries set_typed set_keys }
        WorkingView { set_stages }
        NoticeView { set_tone set_lines set_code }
        PlanView { set_summary set_lines set_bring }
        DetailView { set_line set_bring set_reasons }
        EntryView {
            set_text set_most set_hyphen set_eras set_part set_parts set_unknown set_spoken set_found set_none
        }
        ReviewView { set_papers set_rows }
        PreviewView { set_page set_pages set_ready set_picture }
        SignView { set_drawn set_live }
        DoneView { set_reception set_lines }
    }
}

#[cfg(test)]
mod tests {
    /// Whoever adds a property to a page adds it here.
    #[test]
    fn every_property_of_a_page_is_forgotten() {
        const MODEL: &str = include_str!("../../ui/model.slint");
        const OWN: &str = include_str!("forget.rs");
        let (mut global, mut seen) = ("", 0);
        for line in MODEL.lines().map(str::trim) {
            if let Some(name) = line.strip_prefix("export global ") {
                global = name.trim_end_matches(['{', ' ']);
            }
            let page = global == "Body" || global.ends_with("View");
            let Some(property) = line.strip_prefix("in property <").filter(|_| page) else {
                continue;
            };
            let (kind, name) = property.split_once("> ").unwrap();
            if kind == "bool" || kind == "int" || kind == "PadKind" {
                continue;
            }
            let name = name.trim_end_matches(';').replace('-', "_");
            let list = OWN.split(&format!("{global} {{")).nth(1);
            let list = list.unwrap_or_else(|| panic!("{global} is not forgotten"));
            let list = list.split('}').next().unwrap();
            let setter = format!("set_{name}");
            assert!(
                list.split_whitespace().any(|word| word == setter),
                "{global}: {name} is not forgotten"
            );
            seen += 1;
        }
        assert!(seen > 25, "only {seen} properties were looked at");
    }
}
