use crate::flow::Purpose;
use crate::models::sources;
use crate::prelude::*;

declare_lint! {
    /// A client reads or overwrites any file, because the path that is opened is made of what it sent.
    ///
    /// `..` climbs out of the folder that was meant, and `Path::join` with an absolute path leaves it
    /// at once. The names of uploaded files are the client's choice too.
    ///
    /// ```rust,bad
    /// use axum::extract::Path;
    ///
    /// async fn file(Path(name): Path<String>) -> std::io::Result<Vec<u8>> {
    ///     tokio::fs::read(std::path::Path::new("data").join(&name)).await
    /// }
    /// ```
    ///
    /// ```rust,good
    /// use std::path::Component;
    ///
    /// use axum::extract::Path;
    ///
    /// async fn file(Path(name): Path<String>) -> std::io::Result<Vec<u8>> {
    ///     let name = std::path::Path::new(&name);
    ///     if !name.components().all(|part| matches!(part, Component::Normal(_))) {
    ///         return Err(std::io::ErrorKind::NotFound.into());
    ///     }
    ///     tokio::fs::read(std::path::Path::new("data").join(name)).await
    /// }
    /// ```
    ///
    /// ## What to do
    /// Take one component of the name (`Path::file_name`), or accept only names whose components are all
    /// `Component::Normal`, or canonicalise the path and check that it still starts with the folder, or
    /// open it through `cap_std::fs::Dir`. A number or a key of a table is better than a name.
    ///
    /// ## Known limits
    /// A function whose name says that it validates (`validate_name`, `is_safe`) is believed, and so is a
    /// type around one text that may refuse it (`FromStr`, `TryFrom`, `FromParam`, a `Deserialize` of its
    /// own, a derive called `…FromParam`). Names that
    /// come out of archives and from servers that the program asks are not what this lint is about.
    /// An argument is one place, however many values make it up and wherever it goes from there.
    pub static LINT = {
        level: Level::Deny,
        severity: Severity::Critical,
        cwe: &[22, 23, 36, 73],
        triggers: &["fs", "File", "OpenOptions", "NamedFile", "ServeFile", "persist", "persist_to"],
        modelled: |models| models.names_in_flows_to(Purpose::Path),
        crates: sources::FRAMEWORKS,
        check: Check::Code(check),
    }
}

fn check(code: &Code<'_>, findings: &mut Findings) {
    let mut told: Vec<Span> = Vec::new();
    for (sink, _) in code.flow().threats(Purpose::Path) {
        let Some(origin) = sink.request(code).filter(|_| !told.contains(&sink.argument)) else { continue };
        told.push(sink.argument);
        findings
            .at(sink.argument, "a client chooses this path; `..` or an absolute path leads out of the folder")
            .primary(sink.reach())
            .label(origin.span, format!("{} enters here", origin.what))
            .help("take only `Path::file_name` of it, refuse components that are not `Component::Normal`, or use `cap_std::fs::Dir`")
            // Where the value ends in another function, what that does with it is known less well.
            .less_certain_if(sink.via.is_some() || sink.is_checked_by_name());
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::LINT;

    #[test]
    fn other_ways_to_write_it_and_look_alikes() {
        LINT.sees([
            expect![[r#"
                use axum::extract::Query;
                struct Q {
                    name: String,
                }
                async fn f(Query(q): Query<Q>) {
                //~        -------- `Query` extractor `Query(q)` enters here
                    std::fs::File::open(format!("data/{}", q.name));
                //~                     ^^^^^^^^^^^^^^^^^^^^^^^^^^ a client chooses this path; `..` or an absolute path leads out of the folder
                //~                     ^^^^^^^^^^^^^^^^^^^^^^^^^^ reaches `std::fs::File::open`
                }
            "#]],
            expect![[r#"
                use axum::extract::Query;
                use std::path::PathBuf;
                struct Q {
                    name: String,
                }
                async fn f(Query(q): Query<Q>) {
                //~        -------- `Query` extractor `Query(q)` enters here
                    let mut p = PathBuf::from("data");
                    p.push(q.name);
                    std::fs::remove_file(&p);
                //~                      ^^ a client chooses this path; `..` or an absolute path leads out of the folder
                //~                      ^^ reaches `std::fs::remove_file`
                }
            "#]],
            expect![[r#"
                use axum::extract::Multipart;
                async fn f(mut form: Multipart) {
                //~        -------- `Multipart` extractor `mut form` enters here
                    while let Some(field) = form.next_field().await.unwrap() {
                        let name = field.file_name().unwrap().to_string();
                        std::fs::write(format!("up/{name}"), field.bytes().await.unwrap());
                //~                    ^^^^^^^^^^^^^^^^^^^^ a client chooses this path; `..` or an absolute path leads out of the folder
                //~                    ^^^^^^^^^^^^^^^^^^^^ reaches `std::fs::write`
                    }
                }
            "#]],
            expect![[r#"
                async fn f(req: actix_web::HttpRequest) {
                //~        --- `HttpRequest` extractor `req` enters here
                    open(req.match_info().get("name").unwrap());
                //~      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ maybe: a client chooses this path; `..` or an absolute path leads out of the folder
                //~      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ reaches `std::fs::File::open` in `open`
                }
                fn open(name: &str) {
                    let _ = std::fs::File::open(name);
                }
            "#]],
            expect![[r#"
                use axum::extract::Path;
                async fn f(Path(name): Path<String>) -> Result<(), ()> {
                //~        ---------- `Path` extractor `Path(name)` enters here
                    if name.contains("..") {
                        return Err(());
                    }
                    std::fs::read(std::path::PathBuf::from("data").join(name)).ok();
                //~               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ a client chooses this path; `..` or an absolute path leads out of the folder
                //~               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ reaches `std::fs::read`
                    Ok(())
                }
            "#]],
            expect![[r#"
                use actix_multipart::form::tempfile::TempFile;
                async fn f(file: TempFile) {
                //~        ---- parameter `file` enters here
                    file.file.persist(format!("up/{}", file.file_name.unwrap())).ok();
                //~                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ a client chooses this path; `..` or an absolute path leads out of the folder
                //~                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ reaches `tempfile::NamedTempFile::persist`
                }
            "#]],
            expect![[r#"
                use axum::extract::Path;
                #[derive(Deserialize)]
                struct Params {
                    name: String,
                }
                async fn f(Path(p): Path<Params>) {
                //~        ------- `Path` extractor `Path(p)` enters here
                    std::fs::read(format!("data/{}", p.name)).ok();
                //~               ^^^^^^^^^^^^^^^^^^^^^^^^^^ a client chooses this path; `..` or an absolute path leads out of the folder
                //~               ^^^^^^^^^^^^^^^^^^^^^^^^^^ reaches `std::fs::read`
                }
            "#]],
            expect![[r#"
                use axum::extract::Path;
                #[derive(Deserialize)]
                struct Name(String);
                impl std::str::FromStr for Name {
                    type Err = ();
                    fn from_str(text: &str) -> Result<Self, ()> {
                        if text.is_empty() {
                            return Err(());
                        }
                        Ok(Name(text.to_owned()))
                    }
                }
                async fn f(Path(name): Path<Name>) {
                //~        ---------- `Path` extractor `Path(name)` enters here
                    std::fs::read(format!("data/{}", name.0)).ok();
                //~               ^^^^^^^^^^^^^^^^^^^^^^^^^^ a client chooses this path; `..` or an absolute path leads out of the folder
                //~               ^^^^^^^^^^^^^^^^^^^^^^^^^^ reaches `std::fs::read`
                }
            "#]],
            expect![[r#"
                use rocket::{fs::NamedFile, request::FromParam};
                struct Any(String);
                impl<'r> FromParam<'r> for Any {
                    type Error = std::convert::Infallible;
                    fn from_param(text: &'r str) -> Result<Self, Self::Error> {
                        Ok(Any(text.to_owned()))
                    }
                }
                #[rocket::get("/<id>")]
                async fn f(id: Any) -> Option<NamedFile> {
                //~        -- route parameter `id` enters here
                    NamedFile::open(format!("data/{}", id.0)).await.ok()
                //~                 ^^^^^^^^^^^^^^^^^^^^^^^^ a client chooses this path; `..` or an absolute path leads out of the folder
                //~                 ^^^^^^^^^^^^^^^^^^^^^^^^ reaches `rocket::fs::NamedFile::open`
                }
            "#]],
            expect![[r#"
                use rocket::fs::NamedFile;
                #[derive(FromForm, IdFromParam)]
                struct FileId(String);
                #[rocket::get("/?<id>")]
                async fn f(id: FileId) -> Option<NamedFile> {
                //~        -- route parameter `id` enters here
                    NamedFile::open(format!("data/{}", id.0)).await.ok()
                //~                 ^^^^^^^^^^^^^^^^^^^^^^^^ a client chooses this path; `..` or an absolute path leads out of the folder
                //~                 ^^^^^^^^^^^^^^^^^^^^^^^^ reaches `rocket::fs::NamedFile::open`
                }
            "#]],
            expect![[r#"
                use actix_files::NamedFile;
                use actix_web::web;
                async fn f(name: web::Path<String>) -> std::io::Result<NamedFile> {
                //~        ---- `Path` extractor `name` enters here
                    NamedFile::open(name.into_inner())
                //~                 ^^^^^^^^^^^^^^^^^ a client chooses this path; `..` or an absolute path leads out of the folder
                //~                 ^^^^^^^^^^^^^^^^^ reaches `actix_files::NamedFile::open`
                }
            "#]],
        ]);
        LINT.is_silent_about(&[
            "use axum::extract::Path;\nasync fn f(Path(id): Path<u32>) { std::fs::read(format!(\"data/{id}.json\")).ok(); }",
            "use axum::extract::Path;\nasync fn f(Path(id): Path<uuid::Uuid>) { std::fs::read(format!(\"data/{id}.json\")).ok(); }",
            "use axum::extract::Path;\nasync fn f(Path(name): Path<String>) -> Option<()> { let name = std::path::Path::new(&name).file_name()?; std::fs::read(std::path::Path::new(\"data\").join(name)).ok(); None }",
            "use axum::extract::Path; use std::path::PathBuf;\nasync fn f(Path(name): Path<String>, base: PathBuf) -> std::io::Result<Vec<u8>> { let full = base.join(&name).canonicalize()?; if !full.starts_with(&base) { return Err(refuse()); } std::fs::read(full) }",
            "use axum::extract::Path;\nasync fn f(Path(name): Path<String>) { let file = match name.as_str() { \"a\" => \"a.txt\", _ => \"b.txt\" }; std::fs::read(file).ok(); }",
            "use axum::Json;\nasync fn f(Json(body): Json<String>) { std::fs::write(\"data/last.json\", body).ok(); }",
            "use actix_multipart::form::tempfile::TempFile;\nasync fn f(file: TempFile) { tokio::fs::remove_file(file.file.path()).await.ok(); }",
            "use actix_multipart::form::{MultipartForm, tempfile::TempFile};\n#[derive(MultipartForm)]\nstruct Upload { files: Vec<TempFile> }\nasync fn f(MultipartForm(form): MultipartForm<Upload>) { for upload in form.files { std::fs::read(upload.file.path()).ok(); } }",
            "use rocket::{form::Form, fs::TempFile};\n#[rocket::post(\"/\", data = \"<file>\")]\nasync fn f(file: Form<TempFile<'_>>) { if let Some(path) = file.path() { std::fs::read(path).ok(); } }",
            "use actix_multipart::Multipart; use std::path::Path; struct Upload { name: String, size: Bytes }\nimpl Upload { fn new(path: &str) -> Result<Self, ()> { let name = Path::new(path).file_name().ok_or(())?; Ok(Self { name: name.to_string_lossy().into_owned(), size: Bytes::zero() }) }\nfn name(&self) -> &str { &self.name } }\nstruct Entry { id: u64, text: String }\nimpl Entry { fn folder(&self) -> String { words(self.id) } }\nfn words(number: u64) -> String { ENCODER.encode(&[number]) }\nasync fn f(mut form: Multipart, mut entry: Entry) { while let Some(mut field) = form.try_next().await.unwrap() { entry.text = field.name().unwrap().to_owned(); let Ok(file) = Upload::new(field.content_disposition().get_filename().unwrap()) else { continue }; std::fs::File::create(format!(\"up/{}/{}\", entry.folder(), file.name())).ok(); } }",
            "use rocket::fs::NamedFile;\n#[derive(FromForm, Deserialize, IdFromParam)]\nstruct FileId(String);\n#[rocket::get(\"/<id>\")]\nasync fn f(id: FileId) -> Option<NamedFile> { NamedFile::open(std::path::Path::new(\"data\").join(id)).await.ok() }",
            "use rocket::{fs::NamedFile, request::FromParam};\nstruct FileId(String);\nimpl<'r> FromParam<'r> for FileId { type Error = (); fn from_param(text: &'r str) -> Result<Self, ()> { if text.len() == 8 { Ok(FileId(text.to_owned())) } else { Err(()) } } }\n#[rocket::get(\"/<id>\")]\nasync fn f(id: FileId) -> Option<NamedFile> { NamedFile::open(format!(\"data/{}\", id.0)).await.ok() }",
            "use axum::extract::Query;\n#[derive(Deserialize)]\n#[serde(try_from = \"String\")]\nstruct Name(String);\nimpl TryFrom<String> for Name { type Error = Refused; fn try_from(text: String) -> Result<Self, Refused> { if text.contains('/') { return Err(Refused); } Ok(Name(text)) } }\n#[derive(Deserialize)]\nstruct Q { name: Name }\nasync fn f(Query(q): Query<Q>) { std::fs::read(format!(\"data/{}\", q.name.0)).ok(); }",
            "use rocket::fs::NamedFile; use std::path::PathBuf;\n#[rocket::get(\"/<name>\")]\nasync fn f(name: PathBuf) -> Option<NamedFile> { NamedFile::open(std::path::Path::new(\"data\").join(name)).await.ok() }",
            "fn f(name: &str) { std::fs::read(format!(\"data/{name}\")).ok(); }\nasync fn g(url: &str) { let r = reqwest::get(url).await.unwrap(); let name = r.text().await.unwrap(); std::fs::write(name, \"x\").ok(); }",
        ]);
    }

    #[test]
    fn what_is_checked_by_name_alone_is_less_certain() {
        LINT.sees([expect![[r#"
            use axum::extract::Path;
            async fn f(Path(name): Path<String>, limiter: Limiter) {
            //~        ---------- `Path` extractor `Path(name)` enters here
                if limiter.check(&name) {
                    std::fs::read(name).ok();
            //~                   ^^^^ maybe: a client chooses this path; `..` or an absolute path leads out of the folder
            //~                   ^^^^ reaches `std::fs::read`
                }
            }
        "#]]]);
    }
}
