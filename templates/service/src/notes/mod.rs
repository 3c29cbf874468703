//! Notes: created, read, listed page by page, deleted.

mod store;
mod text;

use axum::Json;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use serde::{Deserialize, Serialize};

use crate::error::Error;
pub(crate) use store::Store;
use text::Text;

const PAGE: u8 = 20;
const LARGEST_PAGE: u8 = 100;

#[derive(Debug, PartialEq, Serialize)]
struct Note {
    id: i64,
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewNote {
    text: String,
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Page {
    /// The last id of the page before.
    after: i64,
    limit: u8,
}

impl Default for Page {
    fn default() -> Self {
        Self {
            after: 0,
            limit: PAGE,
        }
    }
}

#[derive(Serialize)]
struct Listed {
    notes: Vec<Note>,
    /// What `after` has to be for the next page, if there may be one.
    next: Option<i64>,
}

pub(crate) fn routes(store: Store) -> Router {
    Router::new()
        .route("/notes", get(list).post(create))
        .route("/notes/{id}", get(read).delete(delete))
        .with_state(store)
}

async fn create(
    State(store): State<Store>,
    Json(new): Json<NewNote>,
) -> Result<impl IntoResponse, Error> {
    let note = store.create(Text::parse(new.text)?).await?;
    let location = format!("/notes/{}", note.id);
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, location)],
        Json(note),
    ))
}

async fn list(State(store): State<Store>, Query(page): Query<Page>) -> Result<Json<Listed>, Error> {
    if !(1..=LARGEST_PAGE).contains(&page.limit) {
        return Err(Error::Invalid("`limit` has to be from 1 to 100."));
    }
    let notes = store.list(page.after, page.limit).await?;
    let full = notes.len() == usize::from(page.limit);
    let next = notes.last().map(|note| note.id).filter(|_| full);
    Ok(Json(Listed { notes, next }))
}

async fn read(State(store): State<Store>, Path(id): Path<i64>) -> Result<Json<Note>, Error> {
    store.read(id).await?.map(Json).ok_or(Error::NoNote)
}

async fn delete(State(store): State<Store>, Path(id): Path<i64>) -> Result<StatusCode, Error> {
    if store.delete(id).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Error::NoNote)
    }
}
