//! What a module has, and what its functions mention.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::convert::Infallible;

use anyhow::{Result, anyhow, bail};
use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{CodeSection, RawSection};
use wasmparser::{
    ElementItems, ElementKind, Export, FromReader, FunctionBody, KnownCustom, Name, Operator,
    Parser, Payload, SectionLimited, TypeRef,
};

/// A module, as far as one must know it to split it.
#[derive(Default)]
pub struct Module<'a> {
    /// What is in each section that is not a custom one.
    pub sections: BTreeMap<u8, &'a [u8]>,
    /// The types of all functions, globals and tables; the imported ones come first.
    pub functions: Vec<u32>,
    pub globals: Vec<wasmparser::GlobalType>,
    pub tables: Vec<wasmparser::TableType>,
    pub memories: Vec<wasmparser::MemoryType>,
    pub n_imported: u32,
    pub bodies: Vec<FunctionBody<'a>>,
    pub exports: Vec<Export<'a>>,
    pub start: Option<u32>,
    /// The table of functions, and which function is at which of its places.
    pub table: u32,
    pub slots: BTreeMap<u32, u32>,
    pub names: HashMap<u32, &'a str>,
}

impl<'a> Module<'a> {
    pub fn read(bytes: &'a [u8]) -> Result<Self> {
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
            Payload::FunctionSection(types) => add(&mut self.functions, types, |ty| ty)?,
            Payload::TableSection(tables) => add(&mut self.tables, tables, |table| table.ty)?,
            Payload::MemorySection(memories) => add(&mut self.memories, memories, |memory| memory)?,
            Payload::GlobalSection(globals) => add(&mut self.globals, globals, |global| global.ty)?,
            Payload::ExportSection(exports) => add(&mut self.exports, exports, |export| export)?,
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
    pub fn body(&self, function: u32) -> Option<&FunctionBody<'a>> {
        self.bodies.get(function.checked_sub(self.n_imported)? as usize)
    }

    /// All that functions call, and what those call, and so on; with themselves.
    pub fn reached(&self, from: impl Iterator<Item = u32>) -> Result<BTreeSet<u32>> {
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

    pub fn section(&self, id: u8) -> Option<RawSection<'a>> {
        self.sections.get(&id).map(|data| RawSection { id, data })
    }
}

/// What a function's body mentions.
#[derive(Default)]
pub struct Uses {
    pub functions: BTreeSet<u32>,
    pub globals: BTreeSet<u32>,
    pub tables: BTreeSet<u32>,
}

impl Uses {
    pub fn note(&mut self, body: &FunctionBody) -> Result<()> {
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

/// Adds a part of everything in a section.
fn add<'a, T: FromReader<'a>, U>(
    to: &mut Vec<U>,
    section: SectionLimited<'a, T>,
    part: impl Fn(T) -> U,
) -> Result<()> {
    for one in section {
        to.push(part(one?));
    }
    Ok(())
}
