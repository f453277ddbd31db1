//! Writes the two halves of a module.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use anyhow::{Context, Result, anyhow, bail, ensure};
use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{
    CodeSection, ConstExpr, ElementSection, Elements, EntityType, ExportKind, ExportSection,
    FunctionSection, ImportSection, StartSection,
};
use wasmparser::ExternalKind;

use super::module::{Module, Uses};

/// What the rest calls the first half.
const FIRST_HALF: &str = "first";

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
pub struct Plan<'a> {
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
    pub fn new(whole: &'a Module<'a>, first: BTreeSet<u32>, late: BTreeSet<u32>) -> Result<Self> {
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

    pub fn first(&self) -> Result<Vec<u8>> {
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

    pub fn rest(&self) -> Result<Vec<u8>> {
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
