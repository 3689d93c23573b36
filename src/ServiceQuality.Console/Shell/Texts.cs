using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using ServiceQuality.Console.Figures;

namespace ServiceQuality.Console.Shell;

/// <summary>The words of the console, by key and language; every folder of pages has its own Texts.zh.json and Texts.en.json, and no key is in two of them.</summary>
internal static class Texts
{
    private static readonly FrozenDictionary<string, string> Chinese = Load("zh");
    private static readonly FrozenDictionary<string, string> English = Load("en");

    /// <summary>All texts of a language.</summary>
    public static FrozenDictionary<string, string> In(Language language) => language == Language.Chinese ? Chinese : English;

    /// <summary>The text of a key with its places filled.</summary>
    /// <exception cref="KeyNotFoundException">No such text.</exception>
    public static string Say(Language language, string key, params ReadOnlySpan<object?> values)
    {
        var text = In(language).TryGetValue(key, out var found) ? found : throw new KeyNotFoundException($"No text “{key}”.");
        return values.Length == 0 ? text : string.Format(CultureInfo.InvariantCulture, text, values);
    }

    private static FrozenDictionary<string, string> Load(string language)
    {
        var texts = new Dictionary<string, string>();
        var assembly = typeof(Texts).Assembly;
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.EndsWith($"Texts.{language}.json", StringComparison.Ordinal)))
        {
            using var file = assembly.GetManifestResourceStream(name)!;
            foreach (var (key, text) in JsonSerializer.Deserialize<Dictionary<string, string>>(file)!)
                texts.Add(key, text);
        }
        return texts.ToFrozenDictionary();
    }
}
