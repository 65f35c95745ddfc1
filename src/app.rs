//! Puts everything together: pools, caches, routes, start and stop.

use std::future::IntoFuture;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::ServiceExt;
use axum::extract::Request;
use chrono_tz::Tz;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::config::Config;
use crate::db::connect::Session;
use crate::db::syslogs::SysLogs;
use crate::db::{Catalogue, Pool, schema, server_zone};
use crate::domain::{Services, outbox};
use crate::http;
use crate::parameters::{Parameters, Role};

/// How long a stop waits for the request log once open calls have had their time.
const LAST_ROWS: Duration = Duration::from_secs(5);

/// Serves until a signal says stop; open calls are finished, and every row of the request log is written.
pub async fn serve(parameters: Parameters, config: &Config) -> anyhow::Result<()> {
    let (Ways { db, owner_db, zone }, catalogue) = Box::pin(open(&parameters, config)).await?;
    let (syslogs, log_writer) = if parameters.sys_log.enable_logging_to_database {
        SysLogs::start(db.clone(), &catalogue)
    } else {
        (SysLogs::disabled(), tokio::spawn(async {}))
    };
    let (user, owner, hosts) = (db.clone(), owner_db.clone(), &config.script_hosts);
    let services = Services::new(user, owner, parameters, catalogue, zone, syslogs, hosts);
    let services = Arc::new(services);
    load_definitions(&services).await?;
    outbox::prepare(&services).await;
    let mut delivering = tokio::spawn(outbox::run(Arc::clone(&services)));
    let reloading =
        tokio::spawn(reload_definitions(Arc::clone(&services), signal(SignalKind::hangup())?));
    let admin = listen_for_admin(&services, config).await?;
    listen(Arc::clone(&services), config).await?;
    if let Some(admin) = admin {
        // It holds the services too.
        admin.abort();
        let _ = admin.await;
    }
    services.outbox.stop();
    if tokio::time::timeout(config.grace, &mut delivering).await.is_err() {
        tracing::warn!("deliveries were cut off; those of the queue go on with the next start");
        delivering.abort();
        let _ = delivering.await;
    }
    drop(services);
    // It holds the services, and with them the request log's handle.
    reloading.abort();
    let _ = reloading.await;
    // The writer ends when every clone of the log's handle is gone: with the router, and with calls that were cut off.
    if let Ok(done) = tokio::time::timeout(LAST_ROWS, log_writer).await {
        done.context("the request log's writer failed")?;
    } else {
        tracing::warn!("calls are still running; their rows of the request log are lost");
    }
    db.close();
    owner_db.close();
    Ok(())
}

/// What a command needs that does what a call does: as for serving, but without a request log.
pub async fn services(parameters: Parameters, config: &Config) -> anyhow::Result<Arc<Services>> {
    let (Ways { db, owner_db, zone }, catalogue) = Box::pin(open(&parameters, config)).await?;
    let syslogs = SysLogs::disabled();
    let hosts = &config.script_hosts;
    let services = Services::new(db, owner_db, parameters, catalogue, zone, syslogs, hosts);
    let services = Arc::new(services);
    load_definitions(&services).await?;
    Ok(services)
}

/// The ways into a database.
struct Ways {
    db: Pool,
    owner_db: Pool,
    zone: Tz,
}

/// Opens the database, if it is one that can be served.
async fn open(parameters: &Parameters, config: &Config) -> anyhow::Result<(Ways, Catalogue)> {
    // Of the two providers of TLS that crates bring, one has to be chosen for all; a second choice changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (user, owner) = (parameters.connection(Role::User)?, parameters.connection(Role::Owner)?);
    let zone = server_zone(&user, config.time_zone).await?;
    let session = Session::new(zone, parameters);
    let db = Pool::new(&user, &session, config.user_pool_size())?;
    let owner_db = Pool::new(&owner, &session, config.owner_connections)?;
    let catalogue = load_catalogue(&db).await?;
    Ok((Ways { db, owner_db, zone }, catalogue))
}

async fn load_definitions(services: &Services) -> anyhow::Result<()> {
    let mut conn = services.db.acquire().await?;
    let count = services.named_sqls.load(&mut conn).await?;
    tracing::info!(count, "read the definitions of named SQL");
    let count = services.extended_scripts.load(&mut conn).await?;
    tracing::info!(count, "read the extended server scripts");
    Ok(())
}

/// Reads the definitions anew at every SIGHUP (07 §2.12); those in force stay when something is wrong.
async fn reload_definitions(services: Arc<Services>, mut hangup: Signal) {
    while hangup.recv().await.is_some() {
        if let Err(error) = load_definitions(&services).await {
            tracing::error!(
                error = &*error as &dyn std::error::Error,
                "the definitions of named SQL and server scripts stay as they are"
            );
        }
    }
}

/// Refuses a database that lacks what we need; nothing is ever altered.
async fn load_catalogue(db: &Pool) -> anyhow::Result<Catalogue> {
    let mut conn = db.acquire().await.context("cannot connect with UserConnectionString")?;
    let catalogue =
        Catalogue::load(&mut conn).await.context("cannot read the database's tables")?;
    let report = schema::compare(&catalogue);
    anyhow::ensure!(report.is_complete(), "the database cannot be served:\n{report}");
    Ok(catalogue)
}

/// Serves metrics and health on an address of their own, if there is one.
async fn listen_for_admin(
    services: &Arc<Services>,
    config: &Config,
) -> anyhow::Result<Option<JoinHandle<()>>> {
    let Some(address) = config.admin else { return Ok(None) };
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}, the admin address"))?;
    tracing::info!(address = %listener.local_addr()?, "listening for metrics and health");
    let router = http::admin::router(Arc::clone(services));
    Ok(Some(tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "the admin address is not served any more");
        }
    })))
}

async fn listen(services: Arc<Services>, config: &Config) -> anyhow::Result<()> {
    let listener = TcpListener::bind(config.bind)
        .await
        .with_context(|| format!("cannot listen on {}", config.bind))?;
    tracing::info!(address = %listener.local_addr()?, "listening");
    let router = http::filters::Paths::new(http::router::router(services), &config.base_paths);
    let service = ServiceExt::<Request>::into_make_service_with_connect_info::<SocketAddr>(router);
    let stop = stop_signal()?;
    let stopped = |mut stop: watch::Receiver<bool>| async move {
        let _ = stop.wait_for(|stop| *stop).await;
    };
    let server = axum::serve(listener, service).with_graceful_shutdown(stopped(stop.clone()));
    let deadline = async {
        stopped(stop).await;
        tokio::time::sleep(config.grace).await;
    };
    tokio::select! {
        done = server.into_future() => done?,
        () = deadline => tracing::warn!("open calls were cut off"),
    }
    Ok(())
}

/// Becomes true with the first SIGTERM or SIGINT.
fn stop_signal() -> anyhow::Result<watch::Receiver<bool>> {
    let (sender, receiver) = watch::channel(false);
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping");
        let _ = sender.send(true);
    });
    Ok(receiver)
}
