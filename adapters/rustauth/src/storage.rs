//! RustAuth's own storages with a delay before every access, for `setup.delay`.

use keyspec_adapter_kit::fixture::delay;
use rustauth_core::db::{
    AdapterCapabilities, AdapterFuture, Count, Create, DbAdapter, DbRecord, Delete, DeleteMany, FindMany, FindOne,
    TransactionCallback, Update, UpdateMany, run_transaction_without_native_support,
};
use rustauth_core::options::{SecondaryStorage, SecondaryStorageFuture};

/// A storage that takes its time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Slow<S>(pub(crate) S);

macro_rules! slowly {
    ($inner:expr, $method:ident, $($argument:expr),*) => {
        Box::pin(async move {
            delay().await;
            $inner.$method($($argument),*).await
        })
    };
}

impl<S: DbAdapter> DbAdapter for Slow<S> {
    fn id(&self) -> &str {
        self.0.id()
    }

    fn capabilities(&self) -> AdapterCapabilities {
        self.0.capabilities()
    }

    fn create<'a>(&'a self, query: Create) -> AdapterFuture<'a, DbRecord> {
        slowly!(self.0, create, query)
    }

    fn find_one<'a>(&'a self, query: FindOne) -> AdapterFuture<'a, Option<DbRecord>> {
        slowly!(self.0, find_one, query)
    }

    fn find_many<'a>(&'a self, query: FindMany) -> AdapterFuture<'a, Vec<DbRecord>> {
        slowly!(self.0, find_many, query)
    }

    fn count<'a>(&'a self, query: Count) -> AdapterFuture<'a, u64> {
        slowly!(self.0, count, query)
    }

    fn update<'a>(&'a self, query: Update) -> AdapterFuture<'a, Option<DbRecord>> {
        slowly!(self.0, update, query)
    }

    fn update_many<'a>(&'a self, query: UpdateMany) -> AdapterFuture<'a, u64> {
        slowly!(self.0, update_many, query)
    }

    fn delete<'a>(&'a self, query: Delete) -> AdapterFuture<'a, ()> {
        slowly!(self.0, delete, query)
    }

    fn delete_many<'a>(&'a self, query: DeleteMany) -> AdapterFuture<'a, u64> {
        slowly!(self.0, delete_many, query)
    }

    /// As the memory adapter has it: one access after the other.
    fn transaction<'a>(&'a self, callback: TransactionCallback<'a>) -> AdapterFuture<'a, ()> {
        run_transaction_without_native_support(self, callback)
    }
}

impl<S: SecondaryStorage> SecondaryStorage for Slow<S> {
    fn get<'a>(&'a self, key: &'a str) -> SecondaryStorageFuture<'a, Option<String>> {
        slowly!(self.0, get, key)
    }

    fn set<'a>(&'a self, key: &'a str, value: String, ttl: Option<u64>) -> SecondaryStorageFuture<'a, ()> {
        slowly!(self.0, set, key, value, ttl)
    }

    fn set_if_not_exists<'a>(
        &'a self,
        key: &'a str,
        value: String,
        ttl: Option<u64>,
    ) -> SecondaryStorageFuture<'a, bool> {
        slowly!(self.0, set_if_not_exists, key, value, ttl)
    }

    fn delete<'a>(&'a self, key: &'a str) -> SecondaryStorageFuture<'a, ()> {
        slowly!(self.0, delete, key)
    }

    fn take<'a>(&'a self, key: &'a str) -> SecondaryStorageFuture<'a, Option<String>> {
        slowly!(self.0, take, key)
    }

    fn compare_and_set<'a>(
        &'a self,
        key: &'a str,
        expected: Option<String>,
        value: String,
        ttl: Option<u64>,
    ) -> SecondaryStorageFuture<'a, bool> {
        slowly!(self.0, compare_and_set, key, expected, value, ttl)
    }

    fn delete_if_value<'a>(&'a self, key: &'a str, expected: Option<String>) -> SecondaryStorageFuture<'a, bool> {
        slowly!(self.0, delete_if_value, key, expected)
    }
}
