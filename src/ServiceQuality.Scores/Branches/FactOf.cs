using System.Text.Json;
using ServiceQuality.Contracts.Facts;
using ServiceQuality.Scores.Journals;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Branches;

/// <summary>
/// Data that this version of the service cannot read: a type that is newer than it, or JSON that does not fit. The fact keeps its place
/// in the journal and bears on nothing until a version that can read it folds the journal again.
/// </summary>
internal sealed record UnreadableData : FactData
{
    public static readonly UnreadableData Instance = new();
}

/// <summary>One way from stored bytes to a fact, for live and replayed facts alike.</summary>
internal static class FactOf
{
    public static Fact Row(JournalCursor row) => new(row.Seq, row.Source, row.Id, row.Time, row.Received, Data(row.Type, row.Data));

    public static Fact Row(JournalRow row) => new(row.Seq, row.Source, row.Id, row.Time, row.Received, Data(row.Type, row.Data.Span));

    public static FactData Data(string type, ReadOnlySpan<byte> json)
    {
        try
        {
            return FactReader.Read(type, json);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            return UnreadableData.Instance;
        }
    }
}
