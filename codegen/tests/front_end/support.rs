//! Made-up contracts, and shorthands to look at what was read.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use codegen::diag::{Problems, Severity};
use codegen::model::{
    ComplexType, Content, Contract, ElementUse, Particle, ParticleKind, QName, SimpleType, TypeDef,
    TypeKind, TypeName, TypeRef,
};
use codegen::wsdl::{Options, read};

/// Root of the workspace.
pub(crate) fn workspace() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().map(Path::to_path_buf).unwrap_or_default()
}

/// Target namespace of made-up contracts.
pub(crate) const TNS: &str = "urn:test";

/// A directory of made-up files.
pub(crate) struct Case {
    directory: PathBuf,
    options: Options,
}

impl Case {
    /// An empty directory; the name has to be unique among the tests.
    pub(crate) fn new(name: &str) -> Self {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("front_end")
            .join(name);
        let _ = fs::remove_dir_all(&directory);
        fs::create_dir_all(&directory).unwrap();
        Self {
            directory,
            options: Options::default(),
        }
    }

    /// Adds a file.
    pub(crate) fn file(self, name: &str, text: &str) -> Self {
        self.bytes(name, text.as_bytes())
    }

    /// Adds a file that need not be text.
    pub(crate) fn bytes(self, name: &str, bytes: &[u8]) -> Self {
        let path = self.directory.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
        self
    }

    /// Adds `main.wsdl`, with one operation `call` from element `request` to element `response`,
    /// whose schema holds the given components besides a `response`.
    pub(crate) fn schema(self, components: &str) -> Self {
        self.schema_with("elementFormDefault=\"qualified\"", components)
    }

    /// The same with attributes of `xs:schema`.
    pub(crate) fn schema_with(self, attributes: &str, components: &str) -> Self {
        let schema = format!(
            "<xs:schema targetNamespace='{TNS}' {attributes}>{components}\
             <xs:element name='response' type='xs:string'/></xs:schema>"
        );
        self.wsdl(&schema)
    }

    /// Adds `main.wsdl` with these schemas.
    pub(crate) fn wsdl(self, schemas: &str) -> Self {
        let messages = "<w:message name='In'><w:part name='body' element='t:request'/></w:message>\
                        <w:message name='Out'><w:part name='body' element='t:response'/></w:message>";
        let text = contract(schemas, messages, OPERATION, BOUND);
        self.file("main.wsdl", &text)
    }

    /// Maps an absolute location to a file of the directory.
    pub(crate) fn catalog(mut self, url: &str, file: &str) -> Self {
        self.options
            .catalog
            .insert(url.to_owned(), self.directory.join(file));
        self
    }

    /// Reads `main.wsdl`.
    pub(crate) fn read(&self) -> Result<Contract, Problems> {
        read(&self.directory.join("main.wsdl"), &self.options)
    }

    /// Reads `main.wsdl`, which has to be all right.
    #[track_caller]
    pub(crate) fn ok(&self) -> Contract {
        match self.read() {
            Ok(contract) => contract,
            Err(problems) => panic!("{problems}"),
        }
    }

    /// Reads `main.wsdl`, which has to be broken; the problems as text.
    #[track_caller]
    pub(crate) fn broken(&self) -> String {
        self.problems(Severity::Broken)
    }

    /// Reads `main.wsdl`, which has to be unsupported; the problems as text.
    #[track_caller]
    pub(crate) fn unsupported(&self) -> String {
        self.problems(Severity::Unsupported)
    }

    #[track_caller]
    fn problems(&self, severity: Severity) -> String {
        let problems = self.read().expect_err("there are problems");
        assert_eq!(problems.severity(), severity, "{problems}");
        for problem in &problems.list {
            assert!(
                !problem.message.contains("bug of the generator"),
                "{problems}"
            );
            assert!(!problem.message.ends_with('.'), "{problems}");
        }
        problems.to_string()
    }
}

/// The operation `call` of a port type.
pub(crate) const OPERATION: &str = "<w:operation name='call'><w:input message='t:In'/>\
                                    <w:output message='t:Out'/></w:operation>";
/// The operation `call` of a binding.
pub(crate) const BOUND: &str = "<w:operation name='call'><s:operation soapAction='urn:call'/>\
    <w:input><s:body use='literal'/></w:input><w:output><s:body use='literal'/></w:output>\
    </w:operation>";

/// A contract out of its parts.
pub(crate) fn contract(schemas: &str, messages: &str, port_type: &str, binding: &str) -> String {
    format!(
        "<w:definitions xmlns:w='http://schemas.xmlsoap.org/wsdl/' \
         xmlns:s='http://schemas.xmlsoap.org/wsdl/soap/' \
         xmlns:xs='http://www.w3.org/2001/XMLSchema' xmlns:t='{TNS}' targetNamespace='{TNS}'>\n\
         <w:types>{schemas}</w:types>\n{messages}\n\
         <w:portType name='P'>{port_type}</w:portType>\n\
         <w:binding name='B' type='t:P'>\
         <s:binding transport='http://schemas.xmlsoap.org/soap/http'/>{binding}</w:binding>\n\
         <w:service name='S'><w:port name='SP' binding='t:B'>\
         <s:address location='https://example.org/s'/></w:port></w:service>\n</w:definitions>"
    )
}

/// The type with this name: `Name`, `<element>`, or `Outer/inner`.
#[track_caller]
pub(crate) fn ty<'c>(contract: &'c Contract, name: &str) -> &'c TypeDef {
    let found = contract.types.iter().find(|ty| shown(&ty.name) == name);
    found.unwrap_or_else(|| {
        let all: Vec<String> = contract.types.iter().map(|ty| shown(&ty.name)).collect();
        panic!("no type {name} among {all:?}")
    })
}

/// Name of a type, without its namespace.
pub(crate) fn shown(name: &TypeName) -> String {
    match name {
        TypeName::Named(name) => name.local.clone(),
        TypeName::OfElement(name) => format!("<{}>", name.local),
        TypeName::Local { path, .. } => path.join("/"),
    }
}

/// The complex type with this name.
#[track_caller]
pub(crate) fn complex<'c>(contract: &'c Contract, name: &str) -> &'c ComplexType {
    match &ty(contract, name).kind {
        TypeKind::Complex(complex) => complex,
        TypeKind::Simple(_) => panic!("{name} is simple"),
    }
}

/// The simple type with this name.
#[track_caller]
pub(crate) fn simple<'c>(contract: &'c Contract, name: &str) -> &'c SimpleType {
    match &ty(contract, name).kind {
        TypeKind::Simple(simple) => simple,
        TypeKind::Complex(_) => panic!("{name} is complex"),
    }
}

/// Name of a type reference: `xs:Int`, or as in [`ty`].
pub(crate) fn reference(contract: &Contract, ty: TypeRef) -> String {
    match ty {
        TypeRef::Builtin(builtin) => format!("xs:{builtin:?}"),
        TypeRef::Defined(id) => shown(&contract.ty(id).name),
    }
}

/// The content model of a complex type, such as `(a, b?, (c | d)*)`.
#[track_caller]
pub(crate) fn content(contract: &Contract, name: &str) -> String {
    match &complex(contract, name).content {
        Content::Empty => "empty".to_owned(),
        Content::Simple(ty) => format!("text of {}", reference(contract, *ty)),
        Content::Particle(particle) => model(particle),
    }
}

fn model(particle: &Particle) -> String {
    let all = |parts: &[Particle]| parts.iter().map(model).collect::<Vec<_>>();
    let text = match &particle.kind {
        ParticleKind::Element(element) => element.name.local.clone(),
        ParticleKind::Sequence(parts) => format!("({})", all(parts).join(", ")),
        ParticleKind::All(parts) => format!("({})", all(parts).join(" & ")),
        ParticleKind::Choice { group, arms } => {
            let group = group
                .as_ref()
                .map(|g| format!("{}: ", g.local))
                .unwrap_or_default();
            format!("({group}{})", all(arms).join(" | "))
        }
        ParticleKind::Any { namespace } => format!("any {namespace}"),
    };
    let occurs = match (particle.min, particle.max) {
        (1, Some(1)) => String::new(),
        (0, Some(1)) => "?".to_owned(),
        (0, None) => "*".to_owned(),
        (1, None) => "+".to_owned(),
        (min, Some(max)) => format!("{{{min},{max}}}"),
        (min, None) => format!("{{{min},}}"),
    };
    text + &occurs
}

/// The elements of a complex type, at any depth, by local name.
#[track_caller]
pub(crate) fn elements<'c>(
    contract: &'c Contract,
    name: &str,
) -> BTreeMap<&'c str, &'c ElementUse> {
    let mut out = BTreeMap::new();
    let mut queue = Vec::new();
    if let Content::Particle(particle) = &complex(contract, name).content {
        queue.push(particle);
    }
    while let Some(particle) = queue.pop() {
        match &particle.kind {
            ParticleKind::Element(element) => {
                out.insert(element.name.local.as_str(), &**element);
            }
            ParticleKind::Sequence(parts)
            | ParticleKind::All(parts)
            | ParticleKind::Choice { arms: parts, .. } => queue.extend(parts),
            ParticleKind::Any { .. } => {}
        }
    }
    out
}

/// A name in the contract's namespace.
pub(crate) fn named(local: &str) -> QName {
    QName::new(TNS, local)
}
