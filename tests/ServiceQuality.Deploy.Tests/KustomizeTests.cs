using System.Text.Json.Nodes;
using ServiceQuality.Deploy.Manifests;
using ServiceQuality.Deploy.Rules;

namespace ServiceQuality.Deploy;

/// <summary>Every overlay, rendered offline, against Kubernetes' schemas and our rules.</summary>
public sealed class KustomizeTests
{
    public static MatrixTheoryData<string, string> RulesOfOverlays { get; } = new(Overlay.Names.Select(row => row.Data), Rule.All.Select(rule => rule.Name));

    [Theory, MemberData(nameof(RulesOfOverlays))]
    public void PLT_06_An_overlay_keeps_every_rule(string overlay, string rule) => Assert.Empty(Rule.Named(rule).Broken(Overlay.Render(overlay)));

    /// <summary>What is named in the documentation is what is used, so that nobody makes a secret for nothing.</summary>
    [Fact]
    public void Every_secret_in_the_documentation_is_used()
    {
        var used = Overlay.Names.SelectMany(row => SecretRules.Used(Overlay.Render(row.Data)));
        Assert.Empty(SecretRules.Documented.Except(used));
    }

    [Theory, MemberData(nameof(Wrong.All), MemberType = typeof(Wrong))]
    public void A_wrong_manifest_is_found(string what)
    {
        var wrong = Wrong.Named(what);
        var objects = Yaml.Read(Overlay.Text(wrong.Overlay)).ToList();
        wrong.Spoil(new Overlay(objects), objects);

        var broken = Rule.Named(wrong.Rule).Broken(new Overlay(objects)).ToList();

        Assert.NotEmpty(broken);
    }

    /// <summary>A rule that nothing is seen to break might as well not be there.</summary>
    [Fact]
    public void Every_rule_is_seen_to_fail() => Assert.Empty(Rule.All.Select(rule => rule.Name).Except(Wrong.Rules));

    [Fact]
    public void No_secret_is_in_the_tree()
    {
        var written = from file in Directory.GetFiles(Tree.At("deploy"), "*.y*ml", SearchOption.AllDirectories)
                      from item in Yaml.Read(File.ReadAllText(file))
                      where item.Text("kind") == "Secret" || item.ContainsKey("secretGenerator")
                      select file;
        Assert.Empty(written);
    }
}
