//! Splits the page's WebAssembly in two: what opens the page, and the rest, which the page fetches once
//! it is open (`frontend/src/rest.rs`).
//!
//! Both halves are instances on one memory, with one table of functions. What is called by its place in
//! that table needs nothing in the first half but the place: the rest fills it in. So a function goes to
//! the rest when it has a place and its name mentions one of the rooms of [`REST`], and with it whatever
//! only such functions call; all that can be reached in another way stays.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::convert::Infallible;

use anyhow::{Context, Result, anyhow, bail, ensure};
use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{
    CodeSection, ConstExpr, CustomSection, ElementSection, Elements, EntityType, ExportKind,
    ExportSection, FunctionSection, ImportSection, RawSection, StartSection,
};
use wasmparser::{
    ElementItems, ElementKind, Export, ExternalKind, FunctionBody, KnownCustom, Name, Operator,
    Parser, Payload, TypeRef, Validator, WasmFeatures,
};

/// Who mentions one of these in its name can wait until the page is open: the programs of all lessons
/// but the first, what only those are made of, every pane and picture that the first does not show, and
/// what the page asks for by `rest::late`.
const REST: [&str; 22] = [
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
    "frontend::view::help::",
    "frontend::view::panes::challenge::",
    "frontend::view::panes::explore::",
    "frontend::view::panes::graph::",
    "frontend::view::panes::tree::",
    "frontend::view::panes::waits::",
    "frontend::layout::",
];

/// The lesson with which the page opens.
const FIRST: &str = "engine::lessons::threads::philosophers::";

/// What the rest calls the first half.
const FIRST_HALF: &str = "first";

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

/// A module, as far as one must know it to split it.
#[derive(Default)]
struct Module<'a> {
    /// What is in each section that is not a custom one.
    sections: BTreeMap<u8, &'a [u8]>,
    /// The types of all functions, globals and tables; the imported ones come first.
    functions: Vec<u32>,
    globals: Vec<wasmparser::GlobalType>,
    tables: Vec<wasmparser::TableType>,
    memories: Vec<wasmparser::MemoryType>,
    n_imported: u32,
    bodies: Vec<FunctionBody<'a>>,
    exports: Vec<Export<'a>>,
    start: Option<u32>,
    /// The table of functions, and which function is at which of its places.
    table: u32,
    slots: BTreeMap<u32, u32>,
    names: HashMap<u32, &'a str>,
}

impl<'a> Module<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self> {
        let mut module = Self::default();
        for payload in Parser::new(0).parse_all(bytes) {
            let payload = payload?;
            if let Some((id, range)) = payload.as_section().filter(|(id, _)| *id != 0) {
                module.sections.insert(id, &bytes[range.start as usize..range.end as usize]);
            }
            module.take(payload)?;
        }
        Ok(module)
    }

    fn take(&mut self, payload: Payload<'a>) -> Result<()> {
        match payload {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    match import?.ty {
                        TypeRef::Func(ty) => self.functions.push(ty),
                        TypeRef::Global(ty) => self.globals.push(ty),
                        TypeRef::Table(ty) => self.tables.push(ty),
                        TypeRef::Memory(ty) => self.memories.push(ty),
                        other => bail!("an import of an unknown kind: {other:?}"),
                    }
                }
                self.n_imported = self.functions.len() as u32;
            }
            Payload::FunctionSection(types) => {
                for ty in types {
                    self.functions.push(ty?);
                }
            }
            Payload::TableSection(tables) => {
                for table in tables {
                    self.tables.push(table?.ty);
                }
            }
            Payload::MemorySection(memories) => {
                for memory in memories {
                    self.memories.push(memory?);
                }
            }
            Payload::GlobalSection(globals) => {
                for global in globals {
                    self.globals.push(global?.ty);
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    self.exports.push(export?);
                }
            }
            Payload::StartSection { func, .. } => self.start = Some(func),
            Payload::ElementSection(elements) => {
                for element in elements {
                    self.fill(element?)?;
                }
            }
            Payload::CodeSectionEntry(body) => self.bodies.push(body),
            Payload::CustomSection(custom) => {
                if let KnownCustom::Name(names) = custom.as_known() {
                    self.name(names)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn fill(&mut self, element: wasmparser::Element<'a>) -> Result<()> {
        let (ElementKind::Active { table_index, offset_expr }, ElementItems::Functions(functions)) =
            (element.kind, element.items)
        else {
            bail!("places of the table are filled in an unknown way");
        };
        let Operator::I32Const { value } = offset_expr.get_operators_reader().read()? else {
            bail!("places of the table are not where they are");
        };
        self.table = table_index.unwrap_or(0);
        for (slot, function) in (value as u32..).zip(functions) {
            self.slots.insert(slot, function?);
        }
        Ok(())
    }

    fn name(&mut self, names: wasmparser::NameSectionReader<'a>) -> Result<()> {
        for part in names {
            if let Name::Function(map) = part? {
                for naming in map {
                    let naming = naming?;
                    self.names.insert(naming.index, naming.name);
                }
            }
        }
        Ok(())
    }

    /// The body of a function; nothing when it is imported.
    fn body(&self, function: u32) -> Option<&FunctionBody<'a>> {
        self.bodies.get(function.checked_sub(self.n_imported)? as usize)
    }

    /// All that functions call, and what those call, and so on; with themselves.
    fn reached(&self, from: impl Iterator<Item = u32>) -> Result<BTreeSet<u32>> {
        let (mut reached, mut open) = (BTreeSet::new(), from.collect::<Vec<_>>());
        while let Some(function) = open.pop() {
            if reached.insert(function)
                && let Some(body) = self.body(function)
            {
                let mut uses = Uses::default();
                uses.note(body)?;
                open.extend(uses.functions);
            }
        }
        Ok(reached)
    }

    fn section(&self, id: u8) -> Option<RawSection<'a>> {
        self.sections.get(&id).map(|data| RawSection { id, data })
    }
}

/// What a function's body mentions.
#[derive(Default)]
struct Uses {
    functions: BTreeSet<u32>,
    globals: BTreeSet<u32>,
    tables: BTreeSet<u32>,
}

impl Uses {
    fn note(&mut self, body: &FunctionBody) -> Result<()> {
        let noted = self.parse_function_body(&mut CodeSection::new(), body.clone());
        noted.map_err(|error| anyhow!("a function cannot be read: {error}"))
    }
}

impl Reencode for Uses {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, reencode::Error> {
        self.functions.insert(function);
        Ok(function)
    }

    fn global_index(&mut self, global: u32) -> Result<u32, reencode::Error> {
        self.globals.insert(global);
        Ok(global)
    }

    fn table_index(&mut self, table: u32) -> Result<u32, reencode::Error> {
        self.tables.insert(table);
        Ok(table)
    }
}

/// Writes a half: everything has a new number there.
#[derive(Default)]
struct Renumber {
    functions: BTreeMap<u32, u32>,
    globals: BTreeMap<u32, u32>,
    tables: BTreeMap<u32, u32>,
}

impl Reencode for Renumber {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, reencode::Error> {
        Ok(self.functions[&function])
    }

    fn global_index(&mut self, global: u32) -> Result<u32, reencode::Error> {
        Ok(self.globals[&global])
    }

    fn table_index(&mut self, table: u32) -> Result<u32, reencode::Error> {
        Ok(self.tables[&table])
    }
}

/// What goes where.
struct Plan<'a> {
    whole: &'a Module<'a>,
    /// The functions of the first half, imported ones among them.
    first: BTreeSet<u32>,
    /// The functions of the rest.
    rest: Vec<u32>,
    /// The places that the rest fills in.
    late: BTreeSet<u32>,
    /// What the rest has from the first half, in the order of its imports, but for the memory.
    shared: Vec<(ExternalKind, u32)>,
}

impl<'a> Plan<'a> {
    fn new(whole: &'a Module<'a>, first: BTreeSet<u32>, late: BTreeSet<u32>) -> Result<Self> {
        ensure!(whole.memories.len() == 1, "there is one memory");
        let defined = whole.n_imported..whole.functions.len() as u32;
        let rest: Vec<u32> = defined.filter(|function| !first.contains(function)).collect();
        let mut uses = Uses { tables: [whole.table].into(), ..Uses::default() };
        for &function in &rest {
            uses.note(whole.body(function).context("a function has no body")?)?;
        }
        for function in &rest {
            uses.functions.remove(function);
        }
        let functions = uses.functions.into_iter().map(|idx| (ExternalKind::Func, idx));
        let tables = uses.tables.into_iter().map(|idx| (ExternalKind::Table, idx));
        let globals = uses.globals.into_iter().map(|idx| (ExternalKind::Global, idx));
        let shared = functions.chain(tables).chain(globals).collect();
        Ok(Self { whole, first, rest, late, shared })
    }

    fn first(&self) -> Result<Vec<u8>> {
        let whole = self.whole;
        let imported = 0..whole.n_imported;
        let kept = self.first.range(whole.n_imported..).copied();
        let numbers = Renumber {
            functions: imported.chain(kept).zip(0..).collect(),
            globals: (0..whole.globals.len() as u32).map(|idx| (idx, idx)).collect(),
            tables: (0..whole.tables.len() as u32).map(|idx| (idx, idx)).collect(),
        };
        let mut exports = ExportSection::new();
        for export in &whole.exports {
            export_as(&mut exports, export.name, export.kind, export.index, &numbers)?;
        }
        for (name, &(kind, idx)) in self.names().zip(&self.shared) {
            export_as(&mut exports, &name, kind, idx, &numbers)?;
        }
        exports.export(MEMORY, ExportKind::Memory, 0);

        let mut module = wasm_encoder::Module::new();
        let raw = |module: &mut wasm_encoder::Module, ids: &[u8]| {
            for section in ids.iter().filter_map(|id| whole.section(*id)) {
                module.section(&section);
            }
        };
        raw(&mut module, &[TYPES, IMPORTS]);
        module.section(
            &self.types(numbers.functions.keys().copied().filter(|idx| *idx >= whole.n_imported)),
        );
        raw(&mut module, &[TABLES, MEMORIES, GLOBALS]);
        module.section(&exports);
        if let Some(start) = whole.start {
            module.section(&StartSection { function_index: numbers.functions[&start] });
        }
        module.section(&self.elements(false, &numbers));
        raw(&mut module, &[DATA_COUNT]);
        module.section(&self.code(self.first.range(whole.n_imported..).copied(), numbers)?);
        raw(&mut module, &[DATA]);
        Ok(module.finish())
    }

    fn rest(&self) -> Result<Vec<u8>> {
        let whole = self.whole;
        let mut imports = ImportSection::new();
        let mut numbers = Renumber::default();
        let types = &mut Renumber::default();
        for (name, &(kind, idx)) in self.names().zip(&self.shared) {
            let at = idx as usize;
            let (ty, of_kind): (EntityType, _) = match kind {
                ExternalKind::Func => {
                    (EntityType::Function(whole.functions[at]), &mut numbers.functions)
                }
                ExternalKind::Global => {
                    (types.global_type(whole.globals[at])?.into(), &mut numbers.globals)
                }
                _ => (types.table_type(whole.tables[at])?.into(), &mut numbers.tables),
            };
            of_kind.insert(idx, of_kind.len() as u32);
            imports.import(FIRST_HALF, &name, ty);
        }
        imports.import(FIRST_HALF, MEMORY, types.memory_type(whole.memories[0])?);
        let n_imported = numbers.functions.len() as u32;
        numbers.functions.extend(self.rest.iter().copied().zip(n_imported..));

        let mut module = wasm_encoder::Module::new();
        module.section(&whole.section(TYPES).context("there are no types")?);
        module.section(&imports);
        module.section(&self.types(self.rest.iter().copied()));
        module.section(&self.elements(true, &numbers));
        module.section(&self.code(self.rest.iter().copied(), numbers)?);
        Ok(module.finish())
    }

    /// What is shared is called by numbers: short names.
    fn names(&self) -> impl Iterator<Item = String> {
        (0..self.shared.len()).map(|idx| idx.to_string())
    }

    fn types(&self, functions: impl Iterator<Item = u32>) -> FunctionSection {
        let mut types = FunctionSection::new();
        for function in functions {
            types.function(self.whole.functions[function as usize]);
        }
        types
    }

    /// The places of the table that a half fills in, each run of neighbours at once.
    fn elements(&self, late: bool, numbers: &Renumber) -> ElementSection {
        let ours = self.whole.slots.iter().filter(|(slot, _)| self.late.contains(slot) == late);
        let mut runs: Vec<(u32, Vec<u32>)> = Vec::new();
        for (&slot, function) in ours {
            let function = numbers.functions[function];
            match runs.last_mut() {
                Some((start, run)) if *start + run.len() as u32 == slot => run.push(function),
                _ => runs.push((slot, vec![function])),
            }
        }
        let table = numbers.tables[&self.whole.table];
        let mut elements = ElementSection::new();
        for (start, run) in runs {
            let offset = ConstExpr::i32_const(start as i32);
            elements.active(
                Some(table).filter(|table| *table != 0),
                &offset,
                Elements::Functions(run.into()),
            );
        }
        elements
    }

    fn code(
        &self,
        functions: impl Iterator<Item = u32>,
        mut numbers: Renumber,
    ) -> Result<CodeSection> {
        let mut code = CodeSection::new();
        for function in functions {
            let body = self.whole.body(function).context("a function has no body")?;
            let written = numbers.parse_function_body(&mut code, body.clone());
            written.map_err(|error| anyhow!("a function cannot be written: {error}"))?;
        }
        Ok(code)
    }
}

/// The name under which the rest has the memory.
const MEMORY: &str = "m";

// The numbers of sections.
const TYPES: u8 = 1;
const IMPORTS: u8 = 2;
const TABLES: u8 = 4;
const MEMORIES: u8 = 5;
const GLOBALS: u8 = 6;
const DATA: u8 = 11;
const DATA_COUNT: u8 = 12;

fn export_as(
    exports: &mut ExportSection,
    name: &str,
    kind: ExternalKind,
    idx: u32,
    numbers: &Renumber,
) -> Result<()> {
    let (kind, idx) = match kind {
        ExternalKind::Func => (ExportKind::Func, numbers.functions[&idx]),
        ExternalKind::Global => (ExportKind::Global, idx),
        ExternalKind::Table => (ExportKind::Table, idx),
        ExternalKind::Memory => (ExportKind::Memory, idx),
        other => bail!("an export of an unknown kind: {other:?}"),
    };
    exports.export(name, kind, idx);
    Ok(())
}
