using System.Runtime.InteropServices;
using ServiceQuality.Scores.Branches;
using ServiceQuality.Scores.Journals;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Silo.Branches;

// How what is asked of a branch travels between silos. Fields are only ever added, with new numbers: silos of two versions talk during an upgrade.

[GenerateSerializer]
internal struct WireAppend
{
    [Id(0)] public WireEntry[] Entries;
    [Id(1)] public WireOrigin[] Origins;
    [Id(2)] public bool Redelivered;
}

[GenerateSerializer]
internal struct WireEntry
{
    [Id(0)] public Guid Key;
    [Id(1)] public string Source;
    [Id(2)] public string Id;
    [Id(3)] public string Type;
    [Id(4)] public long Time;
    [Id(5)] public long Received;
    [Id(6)] public Guid Batch;
    [Id(7)] public byte[] Data;
}

[GenerateSerializer]
internal struct WireOrigin
{
    [Id(0)] public Guid Id;
    [Id(1)] public Guid? Key;
    [Id(2)] public string? TraceParent;
    [Id(3)] public long Received;
}

[RegisterConverter]
internal sealed class AppendConverter : IConverter<FactsAppend, WireAppend>
{
    public FactsAppend ConvertFromSurrogate(in WireAppend surrogate) => new(Array.ConvertAll(surrogate.Entries, Of), Array.ConvertAll(surrogate.Origins, Of), surrogate.Redelivered);

    public WireAppend ConvertToSurrogate(in FactsAppend value) => new() { Entries = [.. value.Entries.Select(Of)], Origins = [.. value.Origins.Select(Of)], Redelivered = value.Redelivered };

    private static Entry Of(WireEntry wire) => new(wire.Key, wire.Source, wire.Id, wire.Type, Utc(wire.Time), Utc(wire.Received), wire.Batch, wire.Data);

    private static WireEntry Of(Entry entry) => new()
    {
        Key = entry.Key, Source = entry.Source, Id = entry.Id, Type = entry.Type, Time = entry.Time.UtcTicks, Received = entry.Received.UtcTicks, Batch = entry.Batch,
        Data = MemoryMarshal.TryGetArray(entry.Data, out var data) && data.Offset == 0 && data.Count == data.Array!.Length ? data.Array : entry.Data.ToArray(),
    };

    private static BatchOrigin Of(WireOrigin wire) => new(wire.Id, wire.Key, wire.TraceParent, Utc(wire.Received));

    private static WireOrigin Of(BatchOrigin origin) => new() { Id = origin.Id, Key = origin.Key, TraceParent = origin.TraceParent, Received = origin.Received.UtcTicks };

    private static DateTimeOffset Utc(long ticks) => new(ticks, TimeSpan.Zero);
}

[GenerateSerializer, StructLayout(LayoutKind.Auto)]
internal struct WireAppendResult
{
    [Id(0)] public long Seq;
    [Id(1)] public int Written;
    [Id(2)] public int Duplicates;
}

[RegisterConverter]
internal sealed class AppendResultConverter : IConverter<AppendResult, WireAppendResult>
{
    public AppendResult ConvertFromSurrogate(in WireAppendResult surrogate) => new(surrogate.Seq, surrogate.Written, surrogate.Duplicates);

    public WireAppendResult ConvertToSurrogate(in AppendResult value) => new() { Seq = value.Seq, Written = value.Written, Duplicates = value.Duplicates };
}

[GenerateSerializer]
internal struct WireQuery
{
    [Id(0)] public string[] Periods;
    [Id(1)] public DateTimeOffset?[] Moments;
    [Id(2)] public DateTimeOffset? AsOf;
    [Id(3)] public string? Catalogue;
}

[RegisterConverter]
internal sealed class QueryConverter : IConverter<BranchQuery, WireQuery>
{
    public BranchQuery ConvertFromSurrogate(in WireQuery surrogate) => new([.. surrogate.Periods.Zip(surrogate.Moments, Window)], surrogate.AsOf, surrogate.Catalogue);

    public WireQuery ConvertToSurrogate(in BranchQuery value) => new()
    {
        Periods = [.. value.Windows.Select(window => window.Period.ToString())], Moments = [.. value.Windows.Select(window => window.Moment)], AsOf = value.AsOf, Catalogue = value.Catalogue,
    };

    private static WindowAt Window(string text, DateTimeOffset? moment) =>
        Period.TryParse(text, out var period) ? new(period, moment) : throw new InvalidDataException($"'{text}' is no period.");
}

[GenerateSerializer]
internal struct WireVerification
{
    [Id(0)] public Guid Unit;
    [Id(1)] public long Seq;
    [Id(2)] public string Live;
    [Id(3)] public string Recomputed;
}

[RegisterConverter]
internal sealed class VerificationConverter : IConverter<Verification, WireVerification>
{
    public Verification ConvertFromSurrogate(in WireVerification surrogate) => new(surrogate.Unit, surrogate.Seq, surrogate.Live, surrogate.Recomputed);

    public WireVerification ConvertToSurrogate(in Verification value) => new() { Unit = value.Unit, Seq = value.Seq, Live = value.Live, Recomputed = value.Recomputed };
}
