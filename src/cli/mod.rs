//! The command line: one file per subcommand, and the only place that uses `anyhow`. (Temporary, until branch database.)

use std::process::ExitCode;

/// Runs the command named by the process's arguments.
pub fn run() -> ExitCode {
    let args: Vec<String> = std::env::args().collect();
    let dir =
        args.iter().position(|a| a == "--parameters").and_then(|at| args.get(at + 1)).cloned();
    let bind = args.iter().position(|a| a == "--bind").and_then(|at| args.get(at + 1)).cloned();
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .init();
    let parameters = crate::parameters::Parameters::load(dir.as_deref().map(std::path::Path::new))
        .expect("parameters");
    let options = crate::app::Options {
        bind: bind.unwrap_or("127.0.0.1:8080".into()).parse().expect("bind"),
        base_paths: vec!["/pleasanter".into(), "/fs".into()],
        user_connections: 16,
        owner_connections: 8,
        time_zone: None,
        grace: std::time::Duration::from_secs(10),
    };
    let done = tokio::runtime::Runtime::new()
        .expect("runtime")
        .block_on(crate::app::serve(parameters, options));
    if let Err(error) = done {
        eprintln!("{error:#}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
