//! Splits the page's WebAssembly in two: what opens the page, and the rest, which the page fetches once
//! it is open (`frontend/src/rest.rs`).
//!
//! Both halves are instances on one memory, with one table of functions. What is called by its place in
//! that table needs nothing in the first half but the place: the rest fills it in. So a function goes to
//! the rest when it has a place and its name mentions one of the rooms of [`REST`], and with it whatever
//! only such functions call; all that can be reached in another way stays.

mod halves;
mod module;

use anyhow::Result;
use wasm_encoder::CustomSection;
use wasmparser::{ExternalKind, Validator, WasmFeatures};

use halves::Plan;
use module::Module;

/// Who mentions one of these in its name can wait until the page is open: the programs of all lessons
/// but the first, what only those are made of, every pane and picture that the first does not show, the
/// pool of threads, and what the page asks for by `rest::late`.
const REST: [&str; 29] = [
    "engine::lessons::threads::",
    "engine::lessons::inside::",
    "engine::lessons::classics::",
    "engine::queue::",
    "engine::pool::",
    "engine::thread::",
    "engine::explore::",
    "engine::lessons::check::",
    "engine::lessons::errand::",
    "engine::lessons::tree::",
    "frontend::rest::late",
    "frontend::exploration::",
    "frontend::view::objects::",
    "frontend::view::gallery::",
    "frontend::view::source::",
    "frontend::view::texts::",
    "frontend::view::help::",
    "frontend::view::panes::actions::",
    "frontend::view::panes::challenge::",
    "frontend::view::panes::explore::",
    "frontend::view::panes::graph::",
    "frontend::view::panes::meals::",
    "frontend::view::panes::tree::",
    "frontend::view::panes::waits::",
    "frontend::layout::",
    "rayon_core::",
    "crossbeam_",
    "wasm_bindgen_rayon::",
    // Nobody asks for it at all; but it is in the table.
    "SimpleBackend as rust_i18n_support::backend::Backend>::available_locales",
];

/// The lesson with which the page opens.
const FIRST: &str = "engine::lessons::threads::philosophers::";

/// The section of the first half that names the file of the rest.
const NAME_SECTION: &str = "rest";

/// A page's code in two halves.
pub struct Halves {
    /// What opens the page. It lacks the name of the rest's file; see [`name_rest`].
    pub first: Vec<u8>,
    /// The rest: its imports are exports of the first half.
    pub rest: Vec<u8>,
}

/// Splits `whole`. What its functions are called is read from `named`, the same module before it was
/// optimised: places in the table stay the same, and there no two functions have become one yet.
///
/// # Errors
/// When a module cannot be read, or has something that page's modules do not have.
pub fn split(whole: &[u8], named: &[u8]) -> Result<Halves> {
    let (whole, named) = (Module::read(whole)?, Module::read(named)?);
    let can_wait = |slot: &u32| {
        let name = named.slots.get(slot).and_then(|function| named.names.get(function));
        name.is_some_and(|name| is_of_rest(name))
    };
    let (late, early): (Vec<_>, Vec<_>) = whole.slots.iter().partition(|(slot, _)| can_wait(slot));
    let opens = whole.exports.iter().filter(|export| export.kind == ExternalKind::Func);
    let opens = opens.map(|export| export.index).chain(whole.start);
    let first = whole.reached(opens.chain(early.into_iter().map(|(_, function)| *function)))?;
    let late = late.into_iter().filter(|(_, function)| !first.contains(*function));
    let late = late.map(|(slot, _)| *slot).collect();
    let plan = Plan::new(&whole, first, late)?;
    let halves = Halves { first: plan.first()?, rest: plan.rest()? };
    for half in [&halves.first, &halves.rest] {
        Validator::new_with_features(WasmFeatures::all()).validate_all(half)?;
    }
    Ok(halves)
}

/// Tells the first half in which file the rest is.
pub fn name_rest(first: &mut Vec<u8>, file: &str) {
    let section = CustomSection { name: NAME_SECTION.into(), data: file.as_bytes().into() };
    wasm_encoder::Section::append_to(&section, first);
}

fn is_of_rest(name: &str) -> bool {
    let name = without_hashes(name);
    !name.contains(FIRST) && REST.iter().any(|room| name.contains(room))
}

/// A demangled name as one would write it: `engine::queue` for `engine[123456789abcdef]::queue`.
fn without_hashes(name: &str) -> String {
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut parts = name.split('[');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(']') {
            Some((hash, after)) if hash.len() > 8 && is_hex(hash) => plain.push_str(after),
            _ => plain.extend(["[", part]),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{
        CodeSection, ConstExpr, ElementSection, Elements, ExportKind, ExportSection,
        FunctionSection, GlobalSection, GlobalType, Instruction, MemorySection, MemoryType,
        NameMap, NameSection, RefType, TableSection, TableType, TypeSection, ValType,
    };
    use wasmparser::{Parser, Payload};

    const N: u32 = 6;
    const CALLS: [&[u32]; N as usize] = [&[1, 5], &[], &[3, 4], &[2], &[1], &[]];
    /// From place 1 of the table; place 4 has the same function as place 2.
    const PLACES: [u32; 4] = [1, 2, 5, 2];

    /// A module in which function 0 is exported, and functions of [`PLACES`] are called by their place.
    fn module(places: &[u32], names: [&str; N as usize]) -> Vec<u8> {
        let mut module = wasm_encoder::Module::new();
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let mut functions = FunctionSection::new();
        CALLS.iter().for_each(|_| {
            functions.function(0);
        });
        let mut tables = TableSection::new();
        tables.table(TableType {
            element_type: RefType::FUNCREF,
            table64: false,
            minimum: 5,
            maximum: None,
            shared: false,
        });
        let mut memories = MemorySection::new();
        let size = MemoryType {
            minimum: 1,
            maximum: Some(1),
            memory64: false,
            shared: true,
            page_size_log2: None,
        };
        memories.memory(size);
        let mut globals = GlobalSection::new();
        let ty = GlobalType { val_type: ValType::I32, mutable: true, shared: false };
        globals.global(ty, &ConstExpr::i32_const(0));
        let mut exports = ExportSection::new();
        exports.export("main", ExportKind::Func, 0);
        let mut elements = ElementSection::new();
        elements.active(None, &ConstExpr::i32_const(1), Elements::Functions(places.into()));
        let mut code = CodeSection::new();
        for calls in CALLS {
            let mut body = wasm_encoder::Function::new([]);
            calls.iter().for_each(|&callee| {
                body.instruction(&Instruction::Call(callee));
            });
            body.instruction(&Instruction::GlobalGet(0));
            body.instruction(&Instruction::Drop);
            body.instruction(&Instruction::End);
            code.function(&body);
        }
        let mut map = NameMap::new();
        names.iter().zip(0..).for_each(|(name, idx)| map.append(idx, name));
        let mut naming = NameSection::new();
        naming.functions(&map);
        module.section(&types).section(&functions).section(&tables).section(&memories);
        module.section(&globals).section(&exports).section(&elements).section(&code);
        module.section(&naming);
        module.finish()
    }

    fn halves(names: [&str; N as usize]) -> Halves {
        split(&module(&PLACES, ["?"; N as usize]), &module(&PLACES, names)).unwrap()
    }

    const QUEUE: &str = "<engine[1f00aa00bb00cc]::queue::fifo::Fifo<u32>>::put";

    #[test]
    fn what_only_late_places_call_is_in_the_rest() {
        let halves = halves(["main", "a", QUEUE, "b", "c", QUEUE]);
        let (first, rest) =
            (Module::read(&halves.first).unwrap(), Module::read(&halves.rest).unwrap());
        // Of 2 and 5, which have late places, `main` calls 5 itself; 3 and 4 are called by 2 alone.
        assert_eq!((first.bodies.len(), rest.bodies.len()), (3, 3));
        assert_eq!(first.slots.keys().copied().collect::<Vec<_>>(), [1, 3]);
        assert_eq!(rest.slots.keys().copied().collect::<Vec<_>>(), [2, 4]);
        // It has one function of the first half, and what it shares with it.
        assert_eq!((rest.n_imported, rest.globals.len(), rest.tables.len()), (1, 1, 1));
        assert_eq!(first.exports.len(), 1 + 4);
    }

    #[test]
    fn what_has_an_early_place_as_well_is_not() {
        let whole = module(&PLACES, ["?"; N as usize]);
        // Before the two became one, place 4 had a function of its own.
        let named = module(&[1, 2, 5, 4], ["main", "a", QUEUE, "b", "c", "d"]);
        let halves = split(&whole, &named).unwrap();
        assert_eq!(Module::read(&halves.rest).unwrap().bodies.len(), 0);
    }

    #[test]
    fn names_tell_where_a_function_belongs() {
        assert!(is_of_rest(QUEUE));
        assert!(is_of_rest(
            "core[59807616e1fa2540]::ptr::drop_glue::<engine[1f00aa00bb00cc]::queue::Row>"
        ));
        assert!(!is_of_rest("std[59807616e1fa2540]::thread::current"));
        assert!(!is_of_rest("<[u8; 4] as engine[1f00aa00bb00cc]::log::Queue>::f"));
        assert!(!is_of_rest("engine[1f00aa00bb00cc]::lessons::threads::philosophers::start"));
    }

    #[test]
    fn the_first_half_names_the_file_of_the_rest() {
        let mut first = halves(["main", "a", QUEUE, "b", "c", QUEUE]).first;
        name_rest(&mut first, "rest-1.wasm");
        let sections = Parser::new(0).parse_all(&first).map(Result::unwrap);
        let custom = sections.filter_map(|payload| match payload {
            Payload::CustomSection(custom) => Some((custom.name(), custom.data())),
            _ => None,
        });
        assert_eq!(custom.collect::<Vec<_>>(), [(NAME_SECTION, &b"rest-1.wasm"[..])]);
    }
}
