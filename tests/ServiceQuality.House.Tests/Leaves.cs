using System.Text.RegularExpressions;

namespace ServiceQuality.House;

/// <summary>Two builds of one tree (docs/adr/0001): what a poor feed lacks lives in leaves, and only the configuration Cluster builds those.</summary>
public sealed partial class Leaves
{
    private static readonly string[] LeafPackages = ["Microsoft.Orleans", "StackExchange.Redis", "Aspire."];

    private static readonly string Solution = File.ReadAllText(Path.Combine(Tree.Root, "ServiceQuality.sln"));

    [Fact]
    public void PLT_01_Packages_of_the_cluster_live_in_executables_that_only_leaves_reference()
    {
        string[] leaves = ["ServiceQuality.AppHost", "ServiceQuality.Scores.Silo", "ServiceQuality.Scores.Silo.Tests"];

        Assert.Equal(leaves, NeedsTheCluster().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void PLT_01_The_solution_builds_leaves_in_the_configuration_Cluster_alone()
    {
        var leaves = NeedsTheCluster();
        var broken = from project in Listed()
                     from configuration in new[] { "Debug", "Release", "Cluster" }
                     let expected = configuration == "Cluster" || !leaves.Contains(project.Key)
                     where Builds(project.Value, configuration) != expected || !Knows(project.Value, configuration)
                     select $"{project.Key} in {configuration}: {(expected ? "needs" : "must not have")} a Build.0 line, needs an ActiveCfg line";

        Assert.Empty(broken);
    }

    [Fact]
    public void Every_project_is_in_the_solution() => Assert.Equal(Tree.AllProjects.Keys.Order(StringComparer.Ordinal), Listed().Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void SCO_01_Leaves_are_thin()
    {
        var thick = from file in Tree.Sources("AppHost.cs").Concat(Tree.Sources("*Grain.cs"))
                    let lines = File.ReadAllLines(file).Length
                    where lines > 60
                    select $"{Path.GetRelativePath(Tree.Root, file)}: {lines} lines";

        Assert.Empty(thick);
    }

    /// <summary>Who asks for a package of the cluster, or references somebody who does.</summary>
    private static HashSet<string> NeedsTheCluster()
    {
        var needing = Tree.AllProjects.Where(project => Tree.Packages(project.Value).Any(package => LeafPackages.Any(leaf => package.StartsWith(leaf, StringComparison.Ordinal))))
            .Select(project => project.Key).ToHashSet();
        int before;
        do
        {
            before = needing.Count;
            needing.UnionWith(Tree.AllProjects.Where(project => Tree.References(project.Value).Any(reference => needing.Contains($"ServiceQuality.{reference}"))).Select(project => project.Key));
        }
        while (needing.Count > before);
        return needing;
    }

    /// <summary>The projects of the solution with their ids there.</summary>
    private static Dictionary<string, string> Listed() => ProjectLine().Matches(Solution).ToDictionary(match => match.Groups["name"].Value, match => match.Groups["id"].Value);

    private static bool Builds(string id, string configuration) => Solution.Contains($"{id}.{configuration}|Any CPU.Build.0 = ", StringComparison.Ordinal);

    private static bool Knows(string id, string configuration) => Solution.Contains($"{id}.{configuration}|Any CPU.ActiveCfg = ", StringComparison.Ordinal);

    [GeneratedRegex("""^Project\("[^"]+"\) = "(?<name>[^"]+)", "[^"]+\.csproj", "(?<id>[^"]+)"\r?$""", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ProjectLine();
}
