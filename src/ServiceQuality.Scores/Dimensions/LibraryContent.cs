using System.Text.Json;
using ServiceQuality.Scoring;
using ServiceQuality.Scoring.Servqual;

namespace ServiceQuality.Scores.Dimensions;

/// <summary>A check point as it is stored and sent.</summary>
internal sealed record CheckPointBody(string? Code, NameBody? Name);

/// <summary>A name as it is stored and sent.</summary>
internal sealed record NameBody(string? Zh, string? En);

/// <summary>A sub-dimension as it is stored and sent.</summary>
/// <param name="Code">Lower-case letters, digits and hyphens, unique in the library.</param>
/// <param name="Name">Name in both languages.</param>
/// <param name="Dimension">reliability, responsiveness, assurance, empathy or tangibles.</param>
/// <param name="Importance">1 (high) to 5 (low), an attribute for readers.</param>
/// <param name="CheckPoints">What to look at; codes unique in the whole library, as answers name them.</param>
internal sealed record SubDimensionBody(string? Code, NameBody? Name, string? Dimension, int Importance, IReadOnlyList<CheckPointBody>? CheckPoints)
{
    public static SubDimensionBody Of(SubDimension sub) => new(
        sub.Code, new(sub.Name.Zh, sub.Name.En), sub.Dimension, sub.Importance, [.. sub.CheckPoints.Select(point => new CheckPointBody(point.Code, new(point.Name.Zh, point.Name.En)))]);

    /// <summary>What is missing is read as empty, for the check to find.</summary>
    public SubDimension Read() => new(
        Code?.Trim() ?? "", Both(Name), Dimension ?? "", Importance, [.. (CheckPoints ?? []).Select(point => new CheckPoint(point?.Code?.Trim() ?? "", Both(point?.Name)))]);

    private static Bilingual Both(NameBody? name) => new(name?.Zh?.Trim() ?? "", name?.En?.Trim() ?? "");
}

/// <summary>The library as JSON.</summary>
internal static class LibraryContent
{
    public static string Write(IReadOnlyList<SubDimension> subDimensions) => JsonSerializer.Serialize(subDimensions.Select(SubDimensionBody.Of), JsonSerializerOptions.Web);

    public static SubDimensionLibrary Read(string content) => new([.. JsonSerializer.Deserialize<SubDimensionBody[]>(content, JsonSerializerOptions.Web)!.Select(one => one.Read())]);
}
