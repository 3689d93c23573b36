using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using ServiceQuality.Access;
using ServiceQuality.EndToEnd;
using ServiceQuality.LocalServers;
using ServiceQuality.Scores.Silo.Tests;
using ServiceQuality.Standalone;
using ServiceQuality.Testing;

namespace ServiceQuality.Scores.Silo.Tests
{
    /// <summary>The suite as processes with two silos as its score service, on a real PostgreSQL, RabbitMQ and Redis, with the demo organisation.</summary>
    public sealed class SiloSuite : IAsyncLifetime
    {
        /// <summary>The silos' processes.</summary>
        public static readonly IReadOnlyList<string> Silos = ["scores", "scores-2"];

        private readonly RealServers _servers = new();
        private readonly string _folder = Directory.CreateTempSubdirectory("sq-silos-").FullName;

        public PrivateRedis Redis { get; private set; } = null!;

        public SuiteProcesses Suite { get; private set; } = null!;

        internal DemoAccess Demo { get; private set; } = null!;

        public string ScoresDatabase { get; private set; } = "";

        /// <summary>Units that facts can be about.</summary>
        internal IReadOnlyList<UnitRow> Units { get; private set; } = [];

        private static CancellationToken Token => TestContext.Current.CancellationToken;

        public async ValueTask InitializeAsync()
        {
            await _servers.InitializeAsync();
            Redis = await PrivateRedis.StartAsync(Path.Combine(_folder, "redis"), Token);
            var databases = new Dictionary<string, string>();
            foreach (var name in new[] { "organisation", "monitoring", "scores", "gateway" })
                databases[name] = await _servers.CreateDatabaseAsync(name);
            ScoresDatabase = databases["scores"];

            var ports = LocalPorts.Free(Silos.Count);
            var address = $"http://127.0.0.1:{LocalPorts.Free(1)[0]}";
            Suite = await SuiteProcesses.StartAsync(new SuiteSettings(databases, _servers.RabbitMq, address, _folder)
            {
                Replicas = new Dictionary<string, int> { ["scores"] = Silos.Count },
                Executables = new Dictionary<string, string> { ["scores"] = SiloProgram() },
                EnvironmentOf = Silos.Zip(ports).ToDictionary(silo => silo.First, silo => (IReadOnlyDictionary<string, string>)new Dictionary<string, string>
                {
                    ["ConnectionStrings__redis"] = Redis.Address,
                    ["Scores__OfferDeliveredDraft"] = "false",
                    ["Orleans__Endpoints__AdvertisedIPAddress"] = "127.0.0.1",
                    ["Orleans__Endpoints__SiloPort"] = $"{silo.Second}",
                }),
            }, Token);
            Demo = await DemoSession.SeedAsync(databases["organisation"], address, _folder, Token);
            // The tree arrives unit by unit.
            using var organisation = ClientOf("organisation");
            await Eventually.Async(async () =>
            {
                var all = await organisation.GetFromJsonAsync<JsonElement>("/api/units", Token);
                foreach (var silo in Silos)
                    Assert.Equal(all.GetProperty("items").GetArrayLength(), (await OverviewAsync(silo)).GetArrayLength() + 1);
            }, TimeSpan.FromSeconds(60));
            Units = [.. (await OverviewAsync("scores")).EnumerateArray().Select(row => row.GetProperty("unit"))
                .Select(unit => new UnitRow(unit.GetProperty("id").GetGuid(), unit.GetProperty("code").GetString()!, unit.GetProperty("kind").GetString()!, unit.GetProperty("path").GetString()!))
                .Where(unit => unit.Kind is "outlet" or "hotline" or "online-desk" or "field-team")];
        }

        public async ValueTask DisposeAsync()
        {
            if (Suite is not null)
                await Suite.DisposeAsync();
            if (Redis is not null)
                await Redis.DisposeAsync();
            await _servers.DisposeAsync();
            if (Environment.GetEnvironmentVariable("SQ_KEEP_LOGS") != "1")
                Directory.Delete(_folder, recursive: true);
        }

        /// <summary>What a process has logged.</summary>
        public string LogOf(string name)
        {
            using var file = new StreamReader(new FileStream(Path.Combine(_folder, "logs", $"{name}.log"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            return file.ReadToEnd();
        }

        /// <summary>An account of a role, past the gateway.</summary>
        public HttpClient ClientOf(string process, string role = Roles.HeadOffice)
        {
            using var key = ECDsa.Create();
            key.ImportFromPem(Suite.SigningKey);
            var now = TimeProvider.System.GetUtcNow();
            return TestTickets.ClientWith(Suite.AddressOf(process), Ticket.Sign(new Caller(Guid.CreateVersion7(now), role, IsMachine: false, [new Grant(role, "hq/")]), key, now));
        }

        /// <summary>A client that posts with the API key of a region.</summary>
        public HttpClient KeyOf(string region)
        {
            var client = new HttpClient { BaseAddress = new Uri(Suite.Address), Timeout = TimeSpan.FromSeconds(30) };
            client.DefaultRequestHeaders.Add("X-Api-Key", Demo.Keys.First(key => key.Region == region).Key);
            return client;
        }

        private async Task<JsonElement> OverviewAsync(string silo)
        {
            using var client = ClientOf(silo);
            return (await client.GetFromJsonAsync<JsonElement>("/api/overview", Token)).GetProperty("units");
        }

        private static string SiloProgram()
        {
            const string project = "ServiceQuality.Scores.Silo";
            var file = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", project, new DirectoryInfo(AppContext.BaseDirectory).Name, project));
            return File.Exists(file) ? file : throw new InvalidOperationException($"{file} was not found.");
        }
    }
}

namespace ServiceQuality.EndToEnd
{
    /// <summary>A unit as the tests need it.</summary>
    internal sealed record UnitRow(Guid Id, string Code, string Kind, string Path);
}
