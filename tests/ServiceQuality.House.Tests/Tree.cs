using System.Xml.Linq;

namespace ServiceQuality.House;

/// <summary>The repository as files: what the rules of the house are checked against.</summary>
internal static class Tree
{
    public static string Root { get; } = FindRoot();

    /// <summary>Every project by its name without the prefix <c>ServiceQuality.</c>.</summary>
    public static IReadOnlyDictionary<string, string> Projects { get; } = new[] { "src", "ServiceQuality.ServiceDefaults", "ServiceQuality.AppHost" }
        .Select(folder => Path.Combine(Root, folder))
        .Where(Directory.Exists)
        .SelectMany(folder => Directory.GetFiles(folder, "*.csproj", SearchOption.AllDirectories))
        .ToDictionary(file => Path.GetFileNameWithoutExtension(file)["ServiceQuality.".Length..]);

    /// <summary>Every project of the repository, tests too, by its full name.</summary>
    public static IReadOnlyDictionary<string, string> AllProjects { get; } = Projects.Values.Concat(Directory.GetFiles(Path.Combine(Root, "tests"), "*.csproj", SearchOption.AllDirectories))
        .ToDictionary(file => Path.GetFileNameWithoutExtension(file)!);

    public static IEnumerable<string> References(string project) =>
        XDocument.Load(project).Descendants("ProjectReference").Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value)["ServiceQuality.".Length..]);

    /// <summary>The packages a project asks for; its SDK is one of them.</summary>
    public static IEnumerable<string> Packages(string project)
    {
        var root = XDocument.Load(project).Root!;
        return root.Descendants("PackageReference").Select(reference => reference.Attribute("Include")!.Value).Prepend(root.Attribute("Sdk")!.Value);
    }

    /// <summary>Source files of the product, without what a build makes.</summary>
    public static IEnumerable<string> Sources(string pattern) =>
        Projects.Values.Select(Path.GetDirectoryName).SelectMany(folder => Directory.GetFiles(folder!, pattern, SearchOption.AllDirectories))
            .Where(file => !file.Contains("/node_modules/", StringComparison.Ordinal) && !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "ServiceQuality.sln")))
            folder = folder.Parent;
        return folder.FullName;
    }
}
