durable_macros::durable_file!();
durable_macros::durable_file!("identity");
durable_macros::durable_file!(owner = "identiy", control = "ID4.1.3");

mod inner {
    durable_macros::durable_file!(owner = "identity", allow(weak_hashs));
}

fn main() {}
