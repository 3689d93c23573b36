using System.Text.Json;
using System.Text.Json.Nodes;

namespace ServiceQuality.Console.Schemes;

/// <summary>The working copy of the editor: it travels in the form, so that families and indicators can come and go before anything is saved, and without scripts.</summary>
internal static class SchemeDraft
{
    private const int MostCharacters = 1 << 20;
    private const int MostParts = 2_000;

    /// <summary>The copy in the form, of the same scheme and number as the version it was drawn from; that version when there is none, or none that the editor can show.</summary>
    public static SchemeDocument Working(IFormCollection? form, SchemeDocument start)
    {
        if (form?["document"].ToString() is not { Length: > 0 } text || Read(text) is not { } document)
            return start;
        foreach (var property in (string[])["id", "version", "author", "approver"])
            document.Json[property] = start.Json[property]?.DeepClone();
        return document;
    }

    /// <summary>A document that the editor can show: an object with a tree whose parts have codes of their own; null otherwise.</summary>
    public static SchemeDocument? Read(string text)
    {
        if (text.Length > MostCharacters)
            return null;
        try
        {
            if (JsonNode.Parse(text, documentOptions: new() { MaxDepth = 64 }) is not JsonObject json || json["root"] is not JsonObject root || !IsTree(root))
                return null;
            var document = new SchemeDocument(json);
            return document.Parts.Count <= MostParts && document.Parts.Select(part => part.Code).Append(document.Root.Code).GroupBy(code => code, StringComparer.Ordinal).All(code => code.Key.Length > 0 && code.Count() == 1) ? document : null;
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    private static bool IsTree(JsonObject node) => node["children"] is null ? node["breakpoints"] is null or JsonArray
        : node["children"] is JsonArray children && children.All(child => child is JsonObject one && IsTree(one));
}
