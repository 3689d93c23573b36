using System.Text.Json;
using System.Text.RegularExpressions;
using ServiceQuality.EndToEnd;
using ServiceQuality.Testing;
using YamlDotNet.RepresentationModel;
using YamlDotNet.Serialization;

namespace ServiceQuality.Operations;

/// <summary>Alerts and dashboards speak of metrics that exist, alerts fire when they should, and every alert has a runbook.</summary>
public sealed partial class MonitoringTests(Deployed deployed)
{
    private static readonly YamlMappingNode Rules = Read("deploy/monitoring/alerts.yaml");

    private static IEnumerable<YamlMappingNode> Alerts =>
        ((YamlSequenceNode)Rules["spec"]["groups"]).SelectMany(group => (YamlSequenceNode)group["rules"]).Cast<YamlMappingNode>();

    [Fact]
    public async Task Alerts_and_dashboards_use_metrics_that_a_running_suite_exports()
    {
        var installation = await deployed.StartedAsync();
        using var system = installation.KeyOf("north");
        await Eventually.Async(() => system.AcceptedAsync([BranchSystem.Visit("n01-hall1", "urn:test:metrics", "one", 60, "resolved", 5)]), TimeSpan.FromSeconds(60));

        List<(string Where, string Metric)> used =
        [
            .. Alerts.SelectMany(alert => Metrics(alert["expr"].ToString()).Select(metric => (alert["alert"].ToString(), metric))),
            .. Dashboards().SelectMany(dashboard => Expressions(dashboard.Json).SelectMany(Metrics).Select(metric => (dashboard.Name, metric))),
        ];
        Assert.True(used.Count > 50, $"{used.Count} uses found");

        await Eventually.Async(async () =>
        {
            var exported = await ExportedAsync(installation);
            Assert.Empty(used.Where(use => !exported.Contains(use.Metric)).Distinct());
        }, TimeSpan.FromSeconds(60));
    }

    [Fact]
    public void Every_alert_has_a_severity_a_summary_and_a_runbook_and_every_runbook_an_alert()
    {
        var headings = File.ReadLines(Repository.PathOf("docs/runbooks.md")).Where(line => line.StartsWith("## ", StringComparison.Ordinal)).Select(line => line[3..].Trim()).ToList();
        foreach (var alert in Alerts)
        {
            var name = alert["alert"].ToString();
            Assert.Contains(alert["labels"]["severity"].ToString(), new[] { "critical", "warning" });
            Assert.NotEmpty(alert["annotations"]["summary"].ToString());
            Assert.Equal($"docs/runbooks.md#{name.ToLowerInvariant()}", alert["annotations"]["runbook_url"].ToString());
        }
        Assert.Equal(Alerts.Select(alert => alert["alert"].ToString()).Order(StringComparer.Ordinal), headings.Where(heading => !heading.Contains(' ', StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Alerts_fire_on_their_symptoms_and_are_silent_on_a_healthy_day()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/promtool"), "promtool is not here: apt-get install prometheus");
        var folder = Directory.CreateTempSubdirectory("sq-rules-");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "rules.yaml"), new SerializerBuilder().Build().Serialize(Rules["spec"]), TestContext.Current.CancellationToken);
            File.Copy(Repository.PathOf("deploy/monitoring/alerts.test.yaml"), Path.Combine(folder.FullName, "alerts.test.yaml"));
            foreach (var command in new[] { new[] { "check", "rules", "rules.yaml" }, ["test", "rules", "alerts.test.yaml"] })
            {
                var run = await Repository.RunAsync("/usr/bin/promtool", command, folder.FullName, new Dictionary<string, string>());
                Assert.True(run.ExitCode == 0, $"{run}");
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Panels_have_a_title_a_description_a_unit_and_thresholds_or_none_to_have()
    {
        foreach (var (name, json) in Dashboards())
        {
            Assert.NotEmpty(json.GetProperty("uid").GetString()!);
            var panels = json.GetProperty("panels").EnumerateArray().Where(panel => panel.GetProperty("type").GetString() != "row").ToList();
            Assert.True(panels.Count >= 6, name);
            Assert.Equal(panels.Count, panels.Select(panel => panel.GetProperty("id").GetInt32()).Distinct().Count());
            foreach (var panel in panels)
            {
                var where = $"{name}: {panel.GetProperty("title").GetString()}";
                Assert.False(string.IsNullOrWhiteSpace(panel.GetProperty("description").GetString()), where);
                Assert.False(string.IsNullOrWhiteSpace(panel.GetProperty("fieldConfig").GetProperty("defaults").GetProperty("unit").GetString()), where);
                Assert.True(panel.GetProperty("fieldConfig").GetProperty("defaults").GetProperty("thresholds").GetProperty("steps").GetArrayLength() > 0, where);
            }
        }
    }

    /// <summary>Names on the <c>/metrics</c> pages of all processes, with the suffixes of histograms.</summary>
    private static async Task<HashSet<string>> ExportedAsync(Installation installation)
    {
        var names = new HashSet<string>();
        using var client = new HttpClient();
        foreach (var process in installation.Suite.Names)
        {
            var page = await client.GetStringAsync(new Uri(new Uri(installation.Suite.AddressOf(process)), "/metrics"), TestContext.Current.CancellationToken);
            foreach (var line in page.Split('\n').Where(line => line.Length > 0 && line[0] != '#'))
                names.Add(line[..line.IndexOfAny(['{', ' '])]);
        }
        return names;
    }

    private static List<(string Name, JsonElement Json)> Dashboards() =>
        [.. Directory.GetFiles(Repository.PathOf("deploy/monitoring/dashboards"), "*.json").Select(file => (Path.GetFileName(file), JsonDocument.Parse(File.ReadAllText(file)).RootElement))];

    private static IEnumerable<string> Expressions(JsonElement node) => node.ValueKind switch
    {
        JsonValueKind.Object => node.EnumerateObject().SelectMany(member => member.Name == "expr" ? [member.Value.GetString()!] : Expressions(member.Value)),
        JsonValueKind.Array => node.EnumerateArray().SelectMany(Expressions),
        _ => [],
    };

    /// <summary>Words of an expression that can only be metrics: with an underscore, no function, no label.</summary>
    private static IEnumerable<string> Metrics(string expression) =>
        Word().Matches(Braces().Replace(Grouping().Replace(expression, " "), " ")).Select(match => match.Value).Where(word => word.Contains('_', StringComparison.Ordinal) && !Functions.Contains(word));

    private static readonly HashSet<string> Functions = ["histogram_quantile", "label_replace"];

    private static YamlMappingNode Read(string file)
    {
        var yaml = new YamlStream();
        using var reader = File.OpenText(Repository.PathOf(file));
        yaml.Load(reader);
        return (YamlMappingNode)yaml.Documents[0].RootNode;
    }

    [GeneratedRegex(@"\{[^}]*\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Braces();

    [GeneratedRegex(@"\b(by|without|ignoring|on|group_left|group_right)\s*\([^)]*\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Grouping();

    [GeneratedRegex("[a-zA-Z_][a-zA-Z0-9_]*", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Word();
}
