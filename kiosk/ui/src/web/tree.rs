//! The window's accessibility tree as a list of controls for the page.

use std::collections::HashMap;

use i_slint_core::accessibility::{AccessibleStringProperty as Property, accessible_descendents};
use i_slint_core::items::{AccessibleRole, ItemRc};
use i_slint_core::window::WindowInner;
use serde::Serialize;

use crate::snapshot::{HEIGHT, WIDTH};

/// One control or text on the screen.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(super) struct Node {
    /// The same control keeps its id from frame to frame.
    pub(super) id: String,
    pub(super) role: &'static str,
    pub(super) name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) value: String,
    /// The name that the screen gives to a place (`title`, `reception`…).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) mark: String,
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) width: i32,
    pub(super) height: i32,
    pub(super) enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) checked: Option<bool>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) live: bool,
    /// False when scrolled out of sight.
    pub(super) seen: bool,
}

/// What is on the screen now, with the items that act.
#[derive(Default, Serialize)]
pub(super) struct Tree {
    /// See [`Ui::page`](crate::Ui::page).
    page: u32,
    pub(super) nodes: Vec<Node>,
    #[serde(skip)]
    items: Vec<ItemRc>,
}

/// The same for a viewer; which items act is known to the window alone.
impl PartialEq for Tree {
    fn eq(&self, other: &Self) -> bool {
        self.page == other.page && self.nodes == other.nodes
    }
}

impl Tree {
    /// Reads the window; under an overlay only the overlay's own controls count.
    pub(super) fn read(window: &slint::Window, page: u32) -> Self {
        let mut tree = Self {
            page,
            ..Self::default()
        };
        let inner = WindowInner::from_pub(window);
        inner.ensure_tree_instantiated();
        let Some(component) = inner.try_component() else {
            return tree;
        };
        let root = ItemRc::new_root(component);
        let top = overlay(&root).unwrap_or(root);
        tree.collect(&top);
        tree.number();
        tree
    }

    /// The item of a control.
    pub(super) fn find(&self, id: &str) -> Option<(&Node, &ItemRc)> {
        let at = self.nodes.iter().position(|node| node.id == id)?;
        Some((&self.nodes[at], &self.items[at]))
    }

    fn collect(&mut self, above: &ItemRc) {
        for item in accessible_descendents(above) {
            let node = read(&item);
            if !node.name.is_empty() && node.width > 0 && node.height > 0 {
                self.nodes.push(node);
                self.items.push(item.clone());
            }
            self.collect(&item);
        }
    }

    /// Names are stable where places are not; equal ones are counted.
    fn number(&mut self) {
        let mut seen: HashMap<(&'static str, String), usize> = HashMap::new();
        for node in &mut self.nodes {
            let count = seen.entry((node.role, node.name.clone())).or_default();
            node.id = format!("{}:{}:{count}", node.role, node.name);
            *count += 1;
        }
    }
}

fn overlay(root: &ItemRc) -> Option<ItemRc> {
    accessible_descendents(root).find(|item| text(item, Property::Id) == "overlay")
}

fn text(item: &ItemRc, property: Property) -> String {
    item.accessible_string_property(property)
        .map(|text| text.to_string())
        .unwrap_or_default()
}

fn read(item: &ItemRc) -> Node {
    let mark = text(item, Property::Id);
    let is = |property| text(item, property) == "true";
    let geometry = item.geometry();
    let origin = item.map_to_window(geometry.origin);
    let (x, y) = (origin.x.round() as i32, origin.y.round() as i32);
    let (width, height) = (
        geometry.width().round() as i32,
        geometry.height().round() as i32,
    );
    Node {
        id: String::new(),
        role: role(item.accessible_role(), &mark),
        name: text(item, Property::Label),
        value: text(item, Property::Value),
        x,
        y,
        width,
        height,
        enabled: item
            .accessible_string_property(Property::Enabled)
            .is_none_or(|enabled| enabled == "true"),
        checked: is(Property::Checkable).then(|| is(Property::Checked)),
        live: matches!(
            text(item, Property::LiveRegion).as_str(),
            "polite" | "assertive"
        ) || mark == "problem",
        seen: item.is_visible()
            && on_screen(x + width / 2, y + height / 2)
            && centre_unclipped(item, x + width / 2, y + height / 2),
        mark,
    }
}

fn on_screen(x: i32, y: i32) -> bool {
    (0..WIDTH as i32).contains(&x) && (0..HEIGHT as i32).contains(&y)
}

/// Whether no list that scrolls hides the item's centre, where a touch would go.
fn centre_unclipped(item: &ItemRc, x: i32, y: i32) -> bool {
    let mut above =
        item.parent_item(i_slint_core::item_tree::ParentItemTraversalMode::StopAtPopups);
    while let Some(parent) = above {
        if parent.borrow().as_ref().clips_children() {
            let geometry = parent.geometry();
            let origin = parent.map_to_window(geometry.origin);
            let inside = (origin.x..origin.x + geometry.width()).contains(&(x as f32))
                && (origin.y..origin.y + geometry.height()).contains(&(y as f32));
            if !inside {
                return false;
            }
        }
        above = parent.parent_item(i_slint_core::item_tree::ParentItemTraversalMode::StopAtPopups);
    }
    true
}

fn role(role: AccessibleRole, mark: &str) -> &'static str {
    match role {
        AccessibleRole::Button => "button",
        AccessibleRole::TextInput => "textbox",
        AccessibleRole::Image => "img",
        AccessibleRole::ListItem => "listitem",
        AccessibleRole::Groupbox => "group",
        _ if matches!(mark, "title" | "overlay-title") => "heading",
        _ => "text",
    }
}
