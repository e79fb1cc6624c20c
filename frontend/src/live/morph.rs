//! Morphing of elements into those of a newer page.
//!
//! Unchanged elements are kept, and with them focus, selection and open `details`.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Node};

/// Attributes that the browser's scripts set; the server does not know them.
const OWN_ATTRIBUTES: [&str; 2] = ["open", "data-sent"];

/// Element name of an island, which updates itself.
const ISLAND: &str = "LEPTOS-ISLAND";

/// Gives an element the attributes and the content of another one.
///
/// # Errors
/// Fails with the browser's errors.
pub(super) fn morph(old: &Element, new: &Element) -> Result<(), JsValue> {
    if old.tag_name() == ISLAND || old.has_attribute("data-sent") {
        return Ok(());
    }
    copy_attributes(old, new)?;
    let mut at = old.first_child();
    let mut wanted = new.first_child();
    while let Some(new_child) = wanted {
        wanted = new_child.next_sibling();
        if let Some(old_child) = at {
            at = old_child.next_sibling();
            morph_node(old, &old_child, &new_child)?;
        } else {
            old.append_child(&new_child)?;
            hydrate_within(&new_child);
        }
    }
    while let Some(surplus) = at {
        at = surplus.next_sibling();
        old.remove_child(&surplus)?;
    }
    Ok(())
}

fn morph_node(parent: &Element, old: &Node, new: &Node) -> Result<(), JsValue> {
    if let (Some(old), Some(new)) = (old.dyn_ref::<Element>(), new.dyn_ref::<Element>())
        && old.tag_name() == new.tag_name()
        && old.get_attribute("data-component") == new.get_attribute("data-component")
        && old.get_attribute("data-props") == new.get_attribute("data-props")
    {
        return morph(old, new);
    }
    if old.node_type() == new.node_type() && new.node_type() != Node::ELEMENT_NODE {
        if old.node_value() != new.node_value() {
            old.set_node_value(new.node_value().as_deref());
        }
        return Ok(());
    }
    parent.replace_child(new, old)?;
    hydrate_within(new);
    Ok(())
}

fn copy_attributes(old: &Element, new: &Element) -> Result<(), JsValue> {
    for name in names(old) {
        if !new.has_attribute(&name) && !OWN_ATTRIBUTES.contains(&name.as_str()) {
            old.remove_attribute(&name)?;
        }
    }
    for name in names(new) {
        let value = new.get_attribute(&name);
        if old.get_attribute(&name) != value {
            old.set_attribute(&name, &value.unwrap_or_default())?;
        }
    }
    Ok(())
}

fn names(element: &Element) -> Vec<String> {
    let names = element.get_attribute_names();
    names.iter().filter_map(|name| name.as_string()).collect()
}

/// Hydrates the islands of a new element, with the page's own script.
fn hydrate_within(node: &Node) {
    let hydrate = js_sys_function("hydrateIslands");
    if let (Some(hydrate), Some(element)) = (hydrate, node.dyn_ref::<Element>()) {
        let _ = hydrate.call1(&JsValue::NULL, element);
    }
}

fn js_sys_function(name: &str) -> Option<web_sys::js_sys::Function> {
    let window = leptos::prelude::window();
    web_sys::js_sys::Reflect::get(&window, &JsValue::from_str(name))
        .ok()?
        .dyn_into()
        .ok()
}
