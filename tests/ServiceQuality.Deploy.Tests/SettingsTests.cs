using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using ServiceQuality.Console;
using ServiceQuality.Deploy.Manifests;
using ServiceQuality.Deploy.Rules;
using ServiceQuality.Gateway;
using ServiceQuality.Messaging;
using ServiceQuality.Monitoring;
using ServiceQuality.Organisation;
using ServiceQuality.Scores;

namespace ServiceQuality.Deploy;

/// <summary>
/// The environment of each container is handed to the service's own composition: every variable must be read there, and every value must pass
/// the checks of the start. A name that nobody reads would be a wish that nobody hears.
/// </summary>
public sealed class SettingsTests
{
    /// <summary>Read by the runtime and the host before any of our code.</summary>
    private static readonly HashSet<string> OfTheRuntime = ["DOTNET_gcServer", "DOTNET_GCgen0size", "DOTNET_GCLOHThreshold", "DOTNET_ThreadPool_UnfairSemaphoreSpinLimit", "ASPNETCORE_URLS"];

    private static readonly Dictionary<string, Action<WebApplicationBuilder>> Compositions = new()
    {
        ["gateway"] = builder => builder.AddGateway(),
        ["organisation"] = builder => builder.AddOrganisation(),
        ["monitoring"] = builder => builder.AddMonitoring(),
        ["scores"] = builder => builder.AddScores().AddLocalTier(),
        ["console"] = builder => builder.AddConsole(),
    };

    private static readonly string SigningKey = NewSigningKey();

    public static TheoryData<string> Overlays => Overlay.Names;

    [Theory, MemberData(nameof(Overlays))]
    public void Every_variable_of_a_service_is_one_that_it_reads_and_has_a_value_that_it_takes(string name)
    {
        var overlay = Overlay.Render(name);
        Assert.Empty(overlay.Services.SelectMany(pod => Problems(overlay, pod)));
        Assert.Equal(Compositions.Keys.Order(StringComparer.Ordinal), overlay.Services.Select(pod => pod.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("Drain__Delay", "Drain__Dealy", "is read by nobody")]
    [InlineData("services__scores__http__0", "services__score__http__0", "is read by nobody")]
    [InlineData("services__scores__http__0", "services__score__http__0", "services:scores:http:0")]
    [InlineData("ConnectionStrings__rabbitmq", "ConnectionStrings__rabbit", "ConnectionStrings:rabbitmq")]
    public void A_misspelt_variable_is_found(string name, string misspelt, string problem)
    {
        var environment = EnvironmentOf("gateway");
        environment.Remove(name, out var value);
        environment[misspelt] = value!;

        Assert.Contains(Problems("gateway", environment), found => found.Contains(problem, StringComparison.Ordinal));
    }

    [Fact]
    public void A_value_that_the_service_refuses_is_found()
    {
        var environment = EnvironmentOf("gateway");
        environment["Drain__Timeout"] = "00:00:00";

        Assert.Contains(Problems("gateway", environment), found => found.Contains("Drain:Timeout", StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(Overlays))]
    public void Every_variable_of_a_server_or_a_backup_is_one_that_it_reads(string name)
    {
        var overlay = Overlay.Render(name);
        var script = Tree.Read("deploy", "backup", "backup.sh");
        var unread = from pod in overlay.Pods.Where(pod => pod.Component is "server" or "backup")
                     from container in pod.Containers
                     from variable in ContainerEnvironment.Of(overlay, pod, container).Names
                     where !(pod.Name switch
                     {
                         "postgres" => variable is "POSTGRES_USER" or "POSTGRES_DB" or "POSTGRES_PASSWORD" or "PGDATA",
                         "rabbitmq" => variable is "RABBITMQ_DEFAULT_USER" or "RABBITMQ_DEFAULT_PASS",
                         "redis" => variable is "REDISCLI_AUTH",
                         _ => variable is "PGHOST" or "PGPORT" or "PGUSER" or "PGSSLMODE" or "PGSSLROOTCERT"
                             || (variable.StartsWith("BACKUP_DATABASE_", StringComparison.Ordinal) ? Compositions.ContainsKey(variable[16..].ToLowerInvariant()) : script.Contains($"${{{variable}", StringComparison.Ordinal)),
                     })
                     select $"{pod}: {variable}";

        Assert.Empty(unread);
    }

    private static IEnumerable<string> Problems(Overlay overlay, Pod pod)
    {
        var container = pod.Containers.Single();
        var environment = ContainerEnvironment.Of(overlay, pod, container);
        var values = environment.Values.ToDictionary();
        foreach (var secret in environment.Secrets.Keys)
            values[secret] = Placeholder(pod.Name, secret);
        foreach (var field in environment.Fields.Keys)
            values[field] = "10.0.0.1";
        return Problems(pod.Name, values, IsSilo(container.Text("image")!)).Select(problem => $"{pod}: {problem}");
    }

    private static bool IsSilo(string image) => image.Contains("/scores-silo:", StringComparison.Ordinal);

    private static Dictionary<string, string> EnvironmentOf(string service)
    {
        var overlay = Overlay.Render("production");
        var pod = overlay.Services.Single(pod => pod.Name == service);
        var environment = ContainerEnvironment.Of(overlay, pod, pod.Containers.Single());
        return environment.Values.Concat(environment.Secrets.Keys.Select(name => KeyValuePair.Create(name, Placeholder(service, name)))).ToDictionary();
    }

    internal static List<string> Problems(string service, IReadOnlyDictionary<string, string> environment, bool isSilo = false)
    {
        var read = new ReadKeys(environment.ToDictionary(entry => entry.Key.Replace("__", ":", StringComparison.Ordinal), entry => (string?)entry.Value));
        var builder = WebApplication.CreateEmptyBuilder(new() { EnvironmentName = "Production", ContentRootPath = Path.GetTempPath() });
        ((IConfigurationBuilder)builder.Configuration).Add(read);
        builder.AddServiceDefaults(service);
        Compositions[service](builder);
        if (service != "console")
            builder.AddBus(service);

        List<string> problems = [.. WhatTheStartRefuses(builder)];
        problems.AddRange(environment.Keys.Where(name => !OfTheRuntime.Contains(name) && !read.Knows(name) && !(isSilo && SiloReads(name))).Select(name => $"{name} is read by nobody"));
        return problems;
    }

    private static IEnumerable<string> WhatTheStartRefuses(WebApplicationBuilder builder)
    {
        try
        {
            using var services = builder.Services.BuildServiceProvider();
            services.GetRequiredService<IStartupValidator>().Validate();
            return [];
        }
        catch (OptionsValidationException one)
        {
            return one.Failures;
        }
        catch (AggregateException several)
        {
            return several.InnerExceptions.SelectMany(failure => failure is OptionsValidationException wrong ? wrong.Failures : [failure.Message]);
        }
    }

    /// <summary>The silo cannot be composed here, for its packages may be missing: of its own settings, the sources must speak.</summary>
    private static bool SiloReads(string name) => name switch
    {
        // Bound by Orleans itself to EndpointOptions.
        "Orleans__Endpoints__AdvertisedIPAddress" => true,
        "ConnectionStrings__redis" => Directory.GetFiles(Tree.At("src", "ServiceQuality.Scores.Silo"), "*.cs", SearchOption.AllDirectories).Any(file => File.ReadAllText(file).Contains("\"redis\"", StringComparison.Ordinal)),
        _ => false,
    };

    internal static string Placeholder(string service, string variable) => variable switch
    {
        "Tickets__SigningKey" => SigningKey,
        "Tickets__VerificationKeys" => PublicKey(),
        "ConnectionStrings__rabbitmq" => "amqp://somebody:secret@rabbitmq:5672",
        "ConnectionStrings__redis" => "redis:6379",
        _ when variable == $"ConnectionStrings__{service}" => "Host=postgres;Database=servicequality;Username=somebody;Password=secret",
        _ => throw new InvalidOperationException($"{service}: nobody knows what {variable} is"),
    };

    private static string NewSigningKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKeyPem();
    }

    private static string PublicKey()
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(SigningKey);
        return key.ExportSubjectPublicKeyInfoPem();
    }

    /// <summary>A source of configuration that notes what it was asked for.</summary>
    private sealed class ReadKeys(Dictionary<string, string?> values) : ConfigurationProvider, IConfigurationSource
    {
        private readonly HashSet<string> _asked = new(StringComparer.OrdinalIgnoreCase);

        public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

        public override void Load() => Data = new Dictionary<string, string?>(values, StringComparer.OrdinalIgnoreCase);

        public override bool TryGet(string key, out string? value)
        {
            lock (_asked)
                _asked.Add(key);
            return base.TryGet(key, out value);
        }

        public bool Knows(string variable)
        {
            lock (_asked)
                return _asked.Contains(variable.Replace("__", ":", StringComparison.Ordinal));
        }
    }
}
