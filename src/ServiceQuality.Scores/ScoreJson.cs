using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace ServiceQuality.Scores;

/// <summary>JSON as this service writes it by itself; the same rules as its endpoints have.</summary>
internal static class ScoreJson
{
    /// <summary>Chinese stays readable; characters that matter to HTML are escaped.</summary>
    public static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.Create(UnicodeRanges.All);

    public static readonly JsonWriterOptions Writer = new() { Encoder = Encoder };

    public static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = Encoder };
}
