using System.Text.RegularExpressions;
using ServiceQuality.Contracts;

namespace ServiceQuality.House;

/// <summary>The table of the house (docs/adr/0001): who may reference whom, and what a service looks like.</summary>
public sealed class HouseRules
{
    private static readonly string[] Shared = ["Contracts", "Messaging", "ServiceDefaults"];

    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["ServiceDefaults"] = [],
        ["Contracts"] = [],
        ["Messaging"] = ["Contracts", "ServiceDefaults"],
        ["Scoring"] = ["Contracts"],
        ["Scores"] = [.. Shared, "Scoring"],
        ["Scores.Host"] = [.. Shared, "Scores"],
        ["Scores.Silo"] = [.. Shared, "Scores"],
        ["Organisation"] = Shared,
        ["Monitoring"] = Shared,
        ["Gateway"] = Shared,
        ["Console"] = ["ServiceDefaults"],
        ["Cli"] = ["Contracts", "Scoring"],
        ["Standalone"] = [.. Shared, "Organisation", "Monitoring", "Scores", "Scores.Host", "Gateway", "Console", "Cli"],
        ["AppHost"] = ["Organisation", "Monitoring", "Scores.Silo", "Gateway", "Console"],
    };

    private static readonly string[] BannedFolders = ["Common", "Helpers", "Utils", "Models", "Services", "Dtos", "Interfaces", "Extensions"];

    [Fact]
    public void PLT_01_Projects_reference_only_what_the_table_allows()
    {
        var broken = from project in Tree.Projects
                     from reference in Tree.References(project.Value)
                     where !Allowed.TryGetValue(project.Key, out var allowed) || !allowed.Contains(reference)
                     select $"{project.Key} -> {reference}";

        Assert.Empty(broken);
    }

    [Fact]
    public void Every_project_of_the_house_is_in_the_table() => Assert.Empty(Tree.Projects.Keys.Except(Allowed.Keys));

    [Fact]
    public void Every_program_fits_on_one_screen()
    {
        var long_ = from file in Tree.Sources("Program.cs")
                    let lines = File.ReadAllLines(file).Length
                    where lines > 40
                    select $"{Path.GetRelativePath(Tree.Root, file)}: {lines} lines";

        Assert.Empty(long_);
    }

    [Fact]
    public void PLT_04_Every_service_on_the_bus_is_listed_so_that_its_error_queue_is_watched()
    {
        var joining = from file in Tree.Sources("*.cs")
                      from match in Regex.Matches(File.ReadAllText(file), @"\.AddBus\((?:""(?<name>[^""]+)""|(?<owner>\w+)\.Name)\)", RegexOptions.NonBacktracking)
                      select match.Groups["name"] is { Success: true } name ? name.Value : NameIn($"{match.Groups["owner"].Value}.cs");

        Assert.Equal(ServiceNames.OnTheBus.Order(StringComparer.Ordinal), joining.Distinct().Order(StringComparer.Ordinal));

        static string NameIn(string file) => Regex.Match(File.ReadAllText(Tree.Sources(file).Single()), @"const string Name = ""(?<name>[^""]+)""", RegexOptions.NonBacktracking).Groups["name"].Value;
    }

    [Fact]
    public void Only_the_process_that_holds_every_service_has_its_bus_inside()
    {
        var asking = from file in Tree.Sources("*.cs")
                     where File.ReadAllText(file).Contains(".AddInProcessBus()", StringComparison.Ordinal)
                     select Path.GetRelativePath(Tree.Root, file).Split('/')[1];

        Assert.Equal(["ServiceQuality.Standalone"], asking);
    }

    [Fact]
    public void Folders_are_named_after_the_business()
    {
        var broken = from file in Tree.Sources("*.cs")
                     from folder in Path.GetRelativePath(Tree.Root, file).Split('/').SkipLast(1)
                     where BannedFolders.Contains(folder)
                     select Path.GetRelativePath(Tree.Root, file);

        Assert.Empty(broken);
    }

    [Fact]
    public void Nothing_is_left_for_later_in_the_sources()
    {
        string[] marks = ["TODO", "FIXME", "HACK", "NotImplementedException"];
        var broken = from file in Tree.Sources("*.cs").Concat(Tree.Sources("*.razor"))
                     from line in File.ReadLines(file)
                     where marks.Any(mark => line.Contains(mark, StringComparison.Ordinal))
                     select $"{Path.GetRelativePath(Tree.Root, file)}: {line.Trim()}";

        Assert.Empty(broken);
    }

    [Fact]
    public void Sql_of_a_service_is_numbered_without_gaps()
    {
        foreach (var folder in Tree.Projects.Values.Select(project => Path.Combine(Path.GetDirectoryName(project)!, "sql")).Where(Directory.Exists))
        {
            var numbers = Directory.GetFiles(folder, "*.sql").Select(file => Path.GetFileName(file)[..4]).Order(StringComparer.Ordinal).ToList();
            Assert.Equal(Enumerable.Range(1, numbers.Count).Select(number => $"{number:0000}"), numbers);
        }
    }
}
