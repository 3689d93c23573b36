using System.Xml.Linq;

namespace ServiceQuality.Deploy;

/// <summary>The repository as files.</summary>
internal static class Tree
{
    public static string Root { get; } = FindRoot();

    /// <summary>The version that the images are tagged with.</summary>
    public static string Version { get; } = XDocument.Load(At("Directory.Build.props")).Descendants("Version").Single().Value;

    public static string At(params string[] parts) => Path.Combine([Root, .. parts]);

    public static string Read(params string[] parts) => File.ReadAllText(At(parts));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "ServiceQuality.sln")))
            folder = folder.Parent;
        return folder.FullName;
    }
}
