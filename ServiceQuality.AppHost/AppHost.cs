using System.Security.Cryptography;

// What runs, with what, in which order (PLT-01). A further service is a line of its own and a name more in the gateway's line.
var builder = DistributedApplication.CreateBuilder(args);

var broker = builder.AddRabbitMQ("rabbitmq").WithManagementPlugin().WithDataVolume();
// A process of a service that keeps data holds up to 32 connections.
var postgres = builder.AddPostgres("postgres").WithDataVolume().WithArgs("-c", "max_connections=300");
var redis = builder.AddRedis("redis");
var silos = builder.AddOrleans("silos").WithClustering(redis);

// As in the suite, a new pair at each start: a ticket lives for a minute. A suite that is published asks for both keys instead.
using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
var signingKey = builder.AddParameter("ticket-signing-key", pair.ExportPkcs8PrivateKeyPem, secret: true);
var verificationKeys = builder.AddParameter("ticket-verification-keys", pair.ExportSubjectPublicKeyInfoPem);

var organisation = KeepsData(Service<Projects.ServiceQuality_Organisation>("organisation"));
var monitoring = KeepsData(Service<Projects.ServiceQuality_Monitoring>("monitoring"));
var scores = KeepsData(Service<Projects.ServiceQuality_Scores_Silo>("scores")).WithReference(silos).WaitFor(redis).WithReplicas(2);
var console = Calls(Service<Projects.ServiceQuality_Console>("console"), organisation, monitoring, scores);
Calls(KeepsData(Service<Projects.ServiceQuality_Gateway>("gateway", 5080)), organisation, monitoring, scores, console)
    .WithEnvironment("Tickets__SigningKey", signingKey).WithExternalHttpEndpoints();

if (builder.ExecutionContext.IsRunMode)
{
    scores.WithEnvironment("Orleans__Endpoints__AdvertisedIPAddress", "127.0.0.1");
    var data = Directory.CreateDirectory(Path.Combine(builder.AppHostDirectory, ".data"));
    organisation.WithEnvironment("Organisation__Bootstrap__Code", "hq")
        .WithEnvironment("Organisation__Bootstrap__NameZh", "总部").WithEnvironment("Organisation__Bootstrap__NameEn", "Head office")
        .WithEnvironment("Organisation__Bootstrap__PasswordFile", Path.Combine(data.FullName, "admin-password"));
}

await builder.Build().RunAsync();

// Forwarded headers stay off: whose word counts is a setting of the gateway (Gateway:TrustedProxies).
IResourceBuilder<ProjectResource> Service<TProject>(string name, int? port = null) where TProject : IProjectMetadata, new() =>
    builder.AddProject<TProject>(name).WithHttpEndpoint(port).WithHttpHealthCheck("/readyz").DisableForwardedHeaders()
        .WithReferenceEnvironment(ReferenceEnvironmentInjectionFlags.ConnectionString | ReferenceEnvironmentInjectionFlags.ServiceDiscovery)
        .WithEnvironment("Tickets__VerificationKeys", verificationKeys)
        .WithEnvironment("DOTNET_gcServer", "0").WithEnvironment("DOTNET_GCgen0size", "0x8000000").WithEnvironment("DOTNET_GCLOHThreshold", "0x400000")
        .WithEnvironment("DOTNET_ThreadPool_UnfairSemaphoreSpinLimit", "0");

// The database is called like the service, and so is its connection string; the resource needs another name.
IResourceBuilder<ProjectResource> KeepsData(IResourceBuilder<ProjectResource> service)
{
    var database = postgres.AddDatabase($"{service.Resource.Name}-database", service.Resource.Name);
    return service.WithReference(broker).WaitFor(broker).WithReference(database, service.Resource.Name).WaitFor(database)
        .WithEnvironment("Migrations__AtStart", "true");
}

static IResourceBuilder<ProjectResource> Calls(IResourceBuilder<ProjectResource> caller, params IResourceBuilder<ProjectResource>[] services)
{
    foreach (var service in services)
        caller.WithReference(service.GetEndpoint("http")).WaitFor(service);
    return caller;
}
