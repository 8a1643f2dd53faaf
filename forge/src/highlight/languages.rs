//! What is known of each language: its comments, its quotes, its words.

/// How a language is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Words, strings, comments.
    Words,
    /// Elements and attributes.
    Markup,
    /// `key: value` and `key = value`.
    Data,
    /// Line by line: headings and code.
    Prose,
    /// Line by line: added and removed.
    Changes,
    /// `\command`.
    Tex,
}

/// A language.
#[derive(Debug)]
pub struct Language {
    /// Its name.
    pub name: &'static str,
    /// Ends of file names, and whole names.
    files: &'static [&'static str],
    pub(super) form: Form,
    /// What begins a comment that ends with the line.
    pub(super) line: &'static [&'static str],
    /// What begins and ends a comment, and whether these nest.
    pub(super) block: &'static [(&'static str, &'static str, bool)],
    /// What begins and ends a string: `true` where it may go over lines, else it ends with its line.
    pub(super) quotes: &'static [(&'static str, &'static str, bool)],
    /// Whether a backslash takes the next character into the string.
    pub(super) escapes: bool,
    /// What begins a directive, and what ends it (`\n`: the line; a space: the word).
    pub(super) directives: &'static [(&'static str, &'static str)],
    pub(super) keywords: &'static [&'static str],
    pub(super) constants: &'static [&'static str],
    /// Whether `SELECT` is `select`.
    pub(super) any_case: bool,
    /// Whether a capital letter makes a type.
    pub(super) types: bool,
}

const PLAIN: Language = Language {
    name: "",
    files: &[],
    form: Form::Words,
    line: &[],
    block: &[],
    quotes: &[("\"", "\"", false), ("'", "'", false)],
    escapes: true,
    directives: &[],
    keywords: &[],
    constants: &["true", "false", "null"],
    any_case: false,
    types: true,
};

const C_BLOCK: &[(&str, &str, bool)] = &[("/*", "*/", false)];
const NESTED: &[(&str, &str, bool)] = &[("/*", "*/", true)];

#[rustfmt::skip]
static LANGUAGES: &[Language] = &[
    Language { name: "Rust", files: &[".rs"], line: &["//"], block: NESTED,
        quotes: &[("r#\"", "\"#", true), ("\"", "\"", true)], directives: &[("#![", "]"), ("#[", "]")],
        keywords: &["as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern", "fn", "for", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "type", "unsafe", "use", "where", "while", "bool", "char", "str", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize", "f32", "f64"],
        constants: &["true", "false", "None", "Some", "Ok", "Err"], ..PLAIN },
    Language { name: "Python", files: &[".py", ".pyi", "SConstruct"], line: &["#"],
        quotes: &[("\"\"\"", "\"\"\"", true), ("'''", "'''", true), ("\"", "\"", false), ("'", "'", false)], directives: &[("@", " ")],
        keywords: &["and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "match", "case", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield"],
        constants: &["True", "False", "None", "self", "cls"], ..PLAIN },
    Language { name: "JavaScript", files: &[".js", ".mjs", ".cjs", ".jsx", ".ts", ".tsx", ".mts", ".vue", ".svelte"], line: &["//"], block: C_BLOCK,
        quotes: &[("`", "`", true), ("\"", "\"", false), ("'", "'", false)], directives: &[("@", " ")],
        keywords: &["abstract", "as", "async", "await", "break", "case", "catch", "class", "const", "continue", "debugger", "default", "delete", "do", "else", "enum", "export", "extends", "finally", "for", "from", "function", "get", "if", "implements", "import", "in", "instanceof", "interface", "let", "namespace", "new", "of", "private", "protected", "public", "readonly", "return", "set", "static", "super", "switch", "throw", "try", "type", "typeof", "var", "void", "while", "with", "yield", "string", "number", "boolean", "any"],
        constants: &["true", "false", "null", "undefined", "this", "NaN"], ..PLAIN },
    Language { name: "Java", files: &[".java", ".kt", ".kts", ".scala", ".groovy", ".gradle", ".dart"], line: &["//"], block: C_BLOCK,
        quotes: &[("\"\"\"", "\"\"\"", true), ("\"", "\"", false), ("'", "'", false)], directives: &[("@", " ")],
        keywords: &["abstract", "assert", "boolean", "break", "byte", "case", "catch", "char", "class", "const", "continue", "data", "def", "default", "do", "double", "else", "enum", "extends", "final", "finally", "float", "for", "fun", "given", "if", "implements", "import", "in", "instanceof", "int", "interface", "is", "lazy", "long", "match", "native", "new", "object", "open", "override", "package", "private", "protected", "public", "record", "return", "sealed", "short", "static", "super", "switch", "synchronized", "this", "throw", "throws", "trait", "try", "type", "val", "var", "void", "volatile", "when", "while", "with", "yield"], ..PLAIN },
    Language { name: "C", files: &[".c", ".h", ".cc", ".cpp", ".cxx", ".hh", ".hpp", ".hxx", ".ino", ".m", ".mm", ".cu", ".glsl", ".v", ".sv"], line: &["//"], block: C_BLOCK, directives: &[("#", "\n")],
        keywords: &["alignas", "alignof", "asm", "auto", "bool", "break", "case", "catch", "char", "class", "concept", "const", "constexpr", "continue", "default", "delete", "do", "double", "else", "enum", "explicit", "extern", "float", "for", "friend", "goto", "if", "inline", "int", "long", "mutable", "namespace", "new", "noexcept", "operator", "override", "private", "protected", "public", "register", "requires", "restrict", "return", "short", "signed", "sizeof", "static", "struct", "switch", "template", "this", "throw", "try", "typedef", "typename", "union", "unsigned", "using", "virtual", "void", "volatile", "while"],
        constants: &["true", "false", "NULL", "nullptr"], ..PLAIN },
    Language { name: "C#", files: &[".cs", ".csx"], line: &["//"], block: C_BLOCK, directives: &[("#", "\n")],
        keywords: &["abstract", "as", "async", "await", "base", "bool", "break", "byte", "case", "catch", "char", "class", "const", "continue", "decimal", "default", "delegate", "do", "double", "else", "enum", "event", "explicit", "extern", "finally", "float", "for", "foreach", "get", "goto", "if", "implicit", "in", "int", "interface", "internal", "is", "lock", "long", "namespace", "new", "object", "operator", "out", "override", "params", "private", "protected", "public", "readonly", "record", "ref", "return", "sealed", "set", "short", "sizeof", "static", "string", "struct", "switch", "this", "throw", "try", "typeof", "uint", "ulong", "using", "var", "virtual", "void", "while", "yield"], ..PLAIN },
    Language { name: "Go", files: &[".go", "go.mod"], line: &["//"], block: C_BLOCK, quotes: &[("`", "`", true), ("\"", "\"", false), ("'", "'", false)],
        keywords: &["break", "case", "chan", "const", "continue", "default", "defer", "else", "fallthrough", "for", "func", "go", "goto", "if", "import", "interface", "map", "package", "range", "return", "select", "struct", "switch", "type", "var", "string", "int", "int64", "uint", "uint64", "byte", "rune", "error", "bool", "float64", "any"],
        constants: &["true", "false", "nil", "iota"], ..PLAIN },
    Language { name: "Swift", files: &[".swift"], line: &["//"], block: NESTED, quotes: &[("\"\"\"", "\"\"\"", true), ("\"", "\"", false)], directives: &[("@", " "), ("#", " ")],
        keywords: &["as", "async", "await", "break", "case", "catch", "class", "continue", "default", "defer", "deinit", "do", "else", "enum", "extension", "fileprivate", "for", "func", "guard", "if", "import", "in", "init", "inout", "internal", "is", "let", "open", "private", "protocol", "public", "repeat", "return", "self", "static", "struct", "subscript", "super", "switch", "throw", "throws", "try", "var", "where", "while"],
        constants: &["true", "false", "nil"], ..PLAIN },
    Language { name: "PHP", files: &[".php"], line: &["//", "#"], block: C_BLOCK, directives: &[("<?php", " "), ("?>", " "), ("$", " ")],
        keywords: &["abstract", "and", "array", "as", "break", "case", "catch", "class", "clone", "const", "continue", "declare", "default", "do", "echo", "else", "elseif", "enum", "extends", "final", "finally", "fn", "for", "foreach", "function", "global", "if", "implements", "include", "instanceof", "interface", "isset", "match", "namespace", "new", "or", "print", "private", "protected", "public", "readonly", "require", "require_once", "return", "static", "switch", "throw", "trait", "try", "unset", "use", "var", "while", "yield"], ..PLAIN },
    Language { name: "Ruby", files: &[".rb", ".rake", "Gemfile", "Rakefile", ".gemspec", ".cr"], line: &["#"], directives: &[("@", " "), (":", " ")],
        keywords: &["alias", "and", "begin", "break", "case", "class", "def", "do", "else", "elsif", "end", "ensure", "for", "if", "in", "module", "next", "not", "or", "redo", "require", "rescue", "retry", "return", "self", "super", "then", "undef", "unless", "until", "when", "while", "yield"],
        constants: &["true", "false", "nil"], ..PLAIN },
    Language { name: "Shell", files: &[".sh", ".bash", ".zsh", ".fish", ".bashrc", ".profile", ".env"], line: &["#"], types: false,
        quotes: &[("\"", "\"", true), ("'", "'", true)], directives: &[("${", "}"), ("$(", ")"), ("$", " ")],
        keywords: &["case", "do", "done", "elif", "else", "esac", "exec", "exit", "export", "fi", "for", "function", "if", "in", "local", "readonly", "return", "select", "set", "shift", "source", "then", "trap", "unset", "until", "while"],
        constants: &["true", "false"], ..PLAIN },
    Language { name: "PowerShell", files: &[".ps1", ".psm1"], line: &["#"], block: &[("<#", "#>", false)], escapes: false, any_case: true, directives: &[("$", " ")],
        keywords: &["begin", "break", "catch", "class", "continue", "do", "else", "elseif", "end", "finally", "for", "foreach", "function", "if", "in", "param", "process", "return", "switch", "throw", "try", "until", "while"], ..PLAIN },
    Language { name: "Make", files: &["Makefile", "makefile", "GNUmakefile", ".mk", "justfile"], line: &["#"], types: false, quotes: &[], directives: &[("$(", ")"), ("${", "}"), ("$", " ")],
        keywords: &["define", "else", "endef", "endif", "export", "ifdef", "ifeq", "ifndef", "ifneq", "include", "override", "unexport"], ..PLAIN },
    Language { name: "Dockerfile", files: &["Dockerfile", "Containerfile", ".dockerfile"], line: &["#"], types: false, directives: &[("${", "}"), ("$", " ")],
        keywords: &["ADD", "ARG", "AS", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"], ..PLAIN },
    Language { name: "CMake", files: &["CMakeLists.txt", ".cmake"], line: &["#"], types: false, any_case: true, quotes: &[("\"", "\"", true)], directives: &[("${", "}")],
        keywords: &["if", "else", "elseif", "endif", "foreach", "endforeach", "function", "endfunction", "macro", "endmacro", "set", "while", "endwhile", "include", "return"], ..PLAIN },
    Language { name: "Perl", files: &[".pl", ".pm", ".t"], line: &["#"], directives: &[("$", " "), ("@", " "), ("%", " ")],
        keywords: &["and", "die", "do", "else", "elsif", "eq", "for", "foreach", "if", "last", "local", "my", "ne", "next", "no", "not", "or", "our", "package", "print", "return", "sub", "undef", "unless", "until", "use", "while"], ..PLAIN },
    Language { name: "Lua", files: &[".lua"], line: &["--"], block: &[("--[[", "]]", false)], quotes: &[("[[", "]]", true), ("\"", "\"", false), ("'", "'", false)],
        keywords: &["and", "break", "do", "else", "elseif", "end", "for", "function", "goto", "if", "in", "local", "not", "or", "repeat", "return", "then", "until", "while"],
        constants: &["true", "false", "nil", "self"], ..PLAIN },
    Language { name: "R", files: &[".r", ".R", ".Rprofile"], line: &["#"], directives: &[("@", " ")],
        keywords: &["break", "else", "for", "function", "if", "in", "library", "next", "repeat", "require", "return", "while"],
        constants: &["TRUE", "FALSE", "NULL", "NA", "Inf", "NaN"], ..PLAIN },
    Language { name: "Julia", files: &[".jl"], line: &["#"], block: &[("#=", "=#", true)], quotes: &[("\"\"\"", "\"\"\"", true), ("\"", "\"", false)], directives: &[("@", " ")],
        keywords: &["abstract", "begin", "break", "const", "continue", "do", "else", "elseif", "end", "export", "for", "function", "global", "if", "import", "in", "let", "local", "macro", "module", "mutable", "quote", "return", "struct", "try", "type", "using", "where", "while"],
        constants: &["true", "false", "nothing", "missing"], ..PLAIN },
    Language { name: "MATLAB", files: &[".mat", ".octave"], line: &["%"], escapes: false,
        keywords: &["break", "case", "catch", "classdef", "continue", "else", "elseif", "end", "for", "function", "global", "if", "otherwise", "parfor", "persistent", "return", "switch", "try", "while"], ..PLAIN },
    Language { name: "Haskell", files: &[".hs", ".lhs", ".elm", ".purs"], line: &["--"], block: &[("{-", "-}", true)], quotes: &[("\"", "\"", false)],
        keywords: &["as", "case", "class", "data", "default", "deriving", "do", "else", "family", "forall", "foreign", "hiding", "if", "import", "in", "infix", "infixl", "infixr", "instance", "let", "module", "newtype", "of", "qualified", "then", "type", "where"],
        constants: &["True", "False", "Nothing", "Just"], ..PLAIN },
    Language { name: "OCaml", files: &[".ml", ".mli", ".fs", ".fsx"], block: &[("(*", "*)", true)], quotes: &[("\"", "\"", true)], line: &["//"],
        keywords: &["and", "as", "assert", "begin", "class", "constraint", "do", "done", "else", "end", "exception", "external", "for", "fun", "function", "functor", "if", "in", "include", "let", "match", "method", "module", "mutable", "new", "object", "of", "open", "rec", "sig", "struct", "then", "to", "try", "type", "val", "when", "while", "with"], ..PLAIN },
    Language { name: "Elixir", files: &[".ex", ".exs", ".erl"], line: &["#", "%"], quotes: &[("\"\"\"", "\"\"\"", true), ("\"", "\"", false)], directives: &[("@", " "), (":", " ")],
        keywords: &["after", "and", "case", "catch", "cond", "def", "defmodule", "defp", "defstruct", "do", "else", "end", "fn", "for", "if", "import", "in", "not", "or", "quote", "receive", "require", "rescue", "try", "unless", "use", "when", "with"],
        constants: &["true", "false", "nil"], ..PLAIN },
    Language { name: "Lisp", files: &[".el", ".lisp", ".scm", ".clj", ".cljs", ".rkt"], line: &[";"], quotes: &[("\"", "\"", true)], types: false,
        keywords: &["and", "cond", "def", "define", "defmacro", "defn", "defun", "defvar", "do", "fn", "if", "lambda", "let", "loop", "ns", "or", "progn", "quote", "require", "set", "when"], constants: &["nil", "t", "true", "false"], ..PLAIN },
    Language { name: "SQL", files: &[".sql"], line: &["--"], block: C_BLOCK, escapes: false, any_case: true, types: false,
        keywords: &["add", "all", "alter", "and", "as", "asc", "begin", "between", "by", "case", "check", "column", "commit", "constraint", "create", "database", "default", "delete", "desc", "distinct", "drop", "else", "end", "exists", "foreign", "from", "full", "function", "grant", "group", "having", "if", "in", "index", "inner", "insert", "into", "is", "join", "key", "left", "like", "limit", "not", "offset", "on", "or", "order", "outer", "primary", "references", "returning", "right", "rollback", "select", "set", "table", "then", "transaction", "trigger", "union", "unique", "update", "using", "values", "view", "when", "where", "with", "integer", "text", "varchar", "boolean", "date", "timestamp"], ..PLAIN },
    Language { name: "Fortran", files: &[".f", ".f90", ".f95", ".for"], line: &["!"], escapes: false, any_case: true, types: false,
        keywords: &["allocatable", "allocate", "call", "case", "character", "complex", "contains", "cycle", "deallocate", "dimension", "do", "double", "else", "elseif", "end", "enddo", "endif", "exit", "function", "if", "implicit", "in", "inout", "integer", "intent", "interface", "logical", "module", "none", "only", "out", "parameter", "pointer", "precision", "print", "program", "real", "recursive", "return", "select", "stop", "subroutine", "then", "type", "use", "while", "write"], ..PLAIN },
    Language { name: "Nix", files: &[".nix"], line: &["#"], block: C_BLOCK, quotes: &[("''", "''", true), ("\"", "\"", true)], types: false,
        keywords: &["assert", "else", "if", "import", "in", "inherit", "let", "or", "rec", "then", "with"], ..PLAIN },
    Language { name: "Protocol Buffers", files: &[".proto", ".thrift", ".graphql"], line: &["//", "#"], block: C_BLOCK,
        keywords: &["enum", "extend", "import", "input", "interface", "map", "message", "mutation", "oneof", "option", "optional", "package", "query", "repeated", "required", "reserved", "returns", "rpc", "service", "stream", "syntax", "type", "union", "string", "bytes", "int32", "int64", "bool"], ..PLAIN },
    Language { name: "CSS", files: &[".css", ".scss", ".sass", ".less"], block: C_BLOCK, types: false, directives: &[("@", " "), ("#", " "), ("--", " ")],
        keywords: &["important", "inherit", "initial", "unset", "auto", "none", "block", "flex", "grid", "inline", "solid", "var", "calc"], ..PLAIN },
    Language { name: "JSON", files: &[".json", ".jsonl", ".geojson", ".webmanifest", ".ipynb", ".json5", ".jsonc"], form: Form::Data, line: &["//"], block: C_BLOCK, quotes: &[("\"", "\"", false)], types: false, ..PLAIN },
    Language { name: "YAML", files: &[".yml", ".yaml", ".cff"], form: Form::Data, line: &["#"], types: false, constants: &["true", "false", "null", "yes", "no", "on", "off"], directives: &[("&", " "), ("!", " ")], ..PLAIN },
    Language { name: "TOML", files: &[".toml", ".ini", ".cfg", ".conf", ".properties", ".editorconfig", ".lock", ".service", ".desktop", ".gitconfig"], form: Form::Data, line: &["#", ";"],
        quotes: &[("\"\"\"", "\"\"\"", true), ("'''", "'''", true), ("\"", "\"", false), ("'", "'", false)], types: false, ..PLAIN },
    Language { name: "HTML", files: &[".html", ".htm", ".xhtml", ".xml", ".svg", ".xsl", ".xsd", ".rdf", ".opf", ".plist", ".pom", ".rss", ".atom"], form: Form::Markup, block: &[("<!--", "-->", false)], types: false, ..PLAIN },
    Language { name: "Markdown", files: &[".md", ".markdown", ".rst", ".adoc", ".org", ".qmd", ".Rmd"], form: Form::Prose, block: &[("<!--", "-->", false)], types: false, ..PLAIN },
    Language { name: "Diff", files: &[".diff", ".patch"], form: Form::Changes, types: false, ..PLAIN },
    Language { name: "TeX", files: &[".tex", ".sty", ".cls", ".bib", ".ltx", ".dtx"], form: Form::Tex, line: &["%"], quotes: &[("$$", "$$", true), ("$", "$", true)], types: false, ..PLAIN },
];

/// The language of a file: by its name, else by the interpreter that its first line names.
pub fn language(path: &str, text: &str) -> Option<&'static Language> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let lower = name.to_ascii_lowercase();
    let fits = |pattern: &&str| match pattern.starts_with('.') {
        true => name.ends_with(*pattern) || lower.ends_with(*pattern),
        false => name == *pattern,
    };
    let by_name = LANGUAGES
        .iter()
        .find(|language| language.files.iter().any(fits));
    by_name.or_else(|| {
        let first = text.lines().next()?.strip_prefix("#!")?;
        let first: String = first.chars().take(100).collect();
        let named = |name: &str| LANGUAGES.iter().find(|language| language.name == name);
        [
            ("python", "Python"),
            ("node", "JavaScript"),
            ("ruby", "Ruby"),
            ("perl", "Perl"),
            ("Rscript", "R"),
            ("lua", "Lua"),
            ("make", "Make"),
            ("sh", "Shell"),
        ]
        .into_iter()
        .find_map(|(word, name)| first.contains(word).then(|| named(name))?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_can_be_read_without_standing_still() {
        for language in LANGUAGES {
            let begins = language.line.iter().copied();
            let begins = begins.chain(language.block.iter().map(|(begin, _, _)| *begin));
            let begins = begins.chain(language.quotes.iter().map(|(begin, _, _)| *begin));
            let begins = begins.chain(language.directives.iter().map(|(begin, _)| *begin));
            for begin in begins {
                assert!(!begin.is_empty() && begin.is_ascii(), "{}", language.name);
            }
            for (_, end, _) in language.block.iter().chain(language.quotes) {
                assert!(!end.is_empty() && end.is_ascii(), "{}", language.name);
            }
        }
    }
}
