//! Everything here once more, on PostgreSQL.

#[test]
fn all_of_this_holds_on_postgresql() {
    doorward_testkit::databases::run_again_on_postgres("all_of_this_holds_on_postgresql");
}
