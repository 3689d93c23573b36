using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ServiceQuality.Deploy.Manifests;
using ServiceQuality.Deploy.Rules;

namespace ServiceQuality.Deploy;

/// <summary>The compose file, against its schema and the same rules as far as they apply.</summary>
public sealed class ComposeTests
{
    private static readonly string[] Services = ["organisation", "monitoring", "scores", "console", "gateway"];

    private static JsonObject File => Yaml.Read(Tree.Read("deploy", "compose.yaml")).Single();

    [Fact]
    public void The_file_fits_the_schema_of_compose() => Assert.Empty(Schemas.Compose.CheckFile(File));

    [Fact]
    public void A_file_that_does_not_fit_is_found()
    {
        var wrong = File;
        wrong["services"]!["gateway"]!["healthchek"] = new JsonObject();
        Assert.NotEmpty(Schemas.Compose.CheckFile(wrong));
    }

    [Fact]
    public void The_containers_keep_the_rules() => Assert.Empty(Broken(File));

    [Theory]
    [InlineData("gateway", "read_only", null)]
    [InlineData("gateway", "user", "\"0:0\"")]
    [InlineData("gateway", "cap_drop", "[]")]
    [InlineData("gateway", "security_opt", "[]")]
    [InlineData("gateway", "mem_limit", null)]
    [InlineData("gateway", "cpus", null)]
    [InlineData("gateway", "healthcheck", null)]
    [InlineData("gateway", "stop_grace_period", "\"10s\"")]
    [InlineData("gateway", "image", "\"servicequality/gateway:latest\"")]
    [InlineData("gateway", "ports", "[\"5080:8080\"]")]
    [InlineData("postgres", "ports", "[\"127.0.0.1:5432:5432\"]")]
    [InlineData("gateway", "networks", "[\"elsewhere\"]")]
    [InlineData("scores", "depends_on", "{\"rabbitmq\":{\"condition\":\"service_healthy\"}}")]
    [InlineData("migrate-scores", "image", "\"servicequality/scores:0.0.9\"")]
    public void A_wrong_container_is_found(string service, string field, string? value)
    {
        var wrong = File;
        wrong["services"]![service]![field] = value is null ? null : JsonNode.Parse(value);
        if (value is null)
            wrong["services"]![service]!.AsObject().Remove(field);

        Assert.NotEmpty(Broken(wrong));
    }

    [Fact]
    public void Every_variable_of_a_service_is_one_that_it_reads_and_has_a_value_that_it_takes()
    {
        var problems = from name in Services
                       let environment = File.Map("services", name, "environment").ToDictionary(entry => entry.Key, entry => Filled(entry.Key, entry.Value))
                       from problem in SettingsTests.Problems(name, environment)
                       select $"{name}: {problem}";
        Assert.Empty(problems);
    }

    [Fact]
    public void Every_blank_to_fill_in_is_in_the_example_and_every_secret_of_it_is_empty()
    {
        var example = System.IO.File.ReadAllLines(Tree.At("deploy", ".env.example")).Where(line => line.Contains('=', StringComparison.Ordinal) && !line.StartsWith('#')).ToDictionary(line => line.Split('=')[0], line => line.Split('=')[1]);
        var blanks = File.Below().Where(entry => entry.Value is JsonValue).SelectMany(entry => Blanks(entry.Value.ToString())).ToList();

        Assert.Equal(example.Keys.Order(StringComparer.Ordinal), blanks.Select(blank => blank.Name).Distinct().Order(StringComparer.Ordinal));
        Assert.All(blanks.Where(blank => blank.IsNeeded), blank => Assert.Empty(example[blank.Name]));
        Assert.All(blanks.Where(blank => !blank.IsNeeded), blank => Assert.Equal(blank.Otherwise, example[blank.Name]));
    }

    [Fact]
    public void No_password_and_no_key_is_written_down()
    {
        var written = from entry in File.Below()
                      where entry.Value is JsonValue && entry.Name.Contains("PASS", StringComparison.OrdinalIgnoreCase) | entry.Name.StartsWith("ConnectionStrings", StringComparison.Ordinal) | entry.Name.StartsWith("Tickets", StringComparison.Ordinal)
                      where !entry.Name.EndsWith("File", StringComparison.Ordinal) && !Blanks(entry.Value.ToString()).Any(blank => blank.IsNeeded)
                      select entry.Name;
        Assert.Empty(written);
    }

    private static IEnumerable<string> Broken(JsonObject file)
    {
        var services = file["services"]!.AsObject().ToDictionary(entry => entry.Key, entry => entry.Value!.AsObject());
        return services.SelectMany(service => Broken(file, services, service.Key, service.Value).Select(problem => $"{service.Key}: {problem}"));
    }

    private static IEnumerable<string> Broken(JsonObject file, Dictionary<string, JsonObject> services, string name, JsonObject service) =>
    [
        .. ImageRules.ImageProblems(service.Text("image") ?? ""),
        .. Rule.When(!service.Is(true, "read_only"), "can write to its root"),
        .. Rule.When(!int.TryParse(service.Text("user")?.Split(':')[0], out var user) || user == 0, "is root"),
        .. Rule.When(!service.Texts("cap_drop").SequenceEqual(["ALL"]), "keeps capabilities"),
        .. Rule.When(!service.Texts("security_opt").Contains("no-new-privileges:true"), "may gain privileges"),
        .. Rule.When(service.Text("mem_limit") is null || service.Text("cpus") is null, "has no limits"),
        .. Rule.When(service.Each("ports").Any() || service.Texts("ports").Any(port => name != "gateway" || !port.StartsWith("${GATEWAY_ADDRESS:-127.0.0.1}:", StringComparison.Ordinal)), "is published beyond loopback"),
        .. Rule.When(!service.Texts("networks").Any() || service.Texts("networks").Any(network => file.At("networks", network) is null), "is on a network that is not there"),
        .. Rule.When(name.StartsWith("migrate-", StringComparison.Ordinal) ? service.Text("image") != services[name[8..]].Text("image") : service.At("healthcheck", "test") is null && !service.ContainsKey("profiles"), "is not checked, or not the same version"),
        .. Rule.When(Seconds(service.Text("stop_grace_period")) <= Drain(service), "is killed while it drains"),
        .. (service.At("depends_on") as JsonObject ?? []).Where(need => !services.ContainsKey(need.Key)).Select(need => $"waits for {need.Key}"),
        .. Rule.When(services.ContainsKey($"migrate-{name}") && service.Text("depends_on", $"migrate-{name}", "condition") != "service_completed_successfully", "does not wait for its migration"),
        .. Rule.When(Services.Contains(name) && name != "console" && !services.ContainsKey($"migrate-{name}"), "is migrated by nobody"),
    ];

    private static double Drain(JsonObject service) =>
        service.Text("environment", "Drain__Timeout") is { } timeout ? TimeSpan.Parse(timeout, CultureInfo.InvariantCulture).TotalSeconds + 4 : 0;

    private static int Seconds(string? duration) => duration is null ? 10 : int.Parse(duration.TrimEnd('s'), CultureInfo.InvariantCulture);

    private static IEnumerable<(string Name, bool IsNeeded, string Otherwise)> Blanks(string text) =>
        Regex.Matches(text, @"\$\{(?<name>[A-Z_]+):(?<how>[-?])(?<otherwise>[^}]*)\}", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1))
            .Select(match => (match.Groups["name"].Value, match.Groups["how"].Value == "?", match.Groups["otherwise"].Value));

    /// <summary>The value as it is when the blanks are filled in as the example says, or with something of the right kind.</summary>
    private static string Filled(string variable, string value) => variable.StartsWith("Tickets__", StringComparison.Ordinal)
        ? SettingsTests.Placeholder("", variable)
        : Blanks(value).Aggregate(value, (text, blank) => text.Replace($"${{{blank.Name}:{(blank.IsNeeded ? "?" : "-")}{blank.Otherwise}}}", blank.IsNeeded ? "secret" : blank.Otherwise, StringComparison.Ordinal));
}
