using System.Buffers;
using ServiceQuality.Scores.Branches;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Silo.Branches;

/// <summary>What a branch answers, on its way: within a silo as it is, between silos packed, exact to the last bit.</summary>
[Immutable]
internal sealed class BranchAnswer
{
    private readonly BranchState? _state;
    private readonly PackedBranchState _packed;

    public BranchAnswer(BranchState state) => _state = state;

    public BranchAnswer(PackedBranchState packed) => _packed = packed;

    /// <summary>The answer; null when its catalogue is not known here yet.</summary>
    public BranchState? Unpack(Func<string, MeasureCatalogue?> catalogues)
    {
        if (_state is not null)
            return _state;

        var catalogue = _packed.Catalogue is { } hash ? catalogues(hash) : null;
        if (catalogue is null && _packed.Catalogue is not null)
            return null;
        return new(_packed.Unit, _packed.Seq, _packed.Received, _packed.Newest, _packed.Late, [.. _packed.Readings.Select(packed => packed is null ? null : Readings.Load(catalogue!, packed))]);
    }

    public PackedBranchState Pack()
    {
        if (_state is not { } state)
            return _packed;

        var writer = new ArrayBufferWriter<byte>();
        var readings = new byte[]?[state.Readings.Count];
        for (var i = 0; i < readings.Length; i++)
        {
            if (state.Readings[i] is not { } one)
                continue;
            writer.ResetWrittenCount();
            one.Save(writer);
            readings[i] = writer.WrittenSpan.ToArray();
        }
        return new()
        {
            Unit = state.Unit, Seq = state.Seq, Received = state.Received, Newest = state.Newest, Late = state.Late,
            Catalogue = state.Readings.OfType<Readings>().FirstOrDefault()?.Catalogue.Hash, Readings = readings,
        };
    }
}

/// <summary>The wire form of <see cref="BranchState"/>.</summary>
[GenerateSerializer]
internal struct PackedBranchState
{
    [Id(0)] public Guid Unit;
    [Id(1)] public long Seq;
    [Id(2)] public DateTimeOffset? Received;
    [Id(3)] public DateTimeOffset? Newest;
    [Id(4)] public long Late;
    [Id(5)] public string? Catalogue;
    [Id(6)] public byte[]?[] Readings;
}

[RegisterConverter]
internal sealed class BranchAnswerConverter : IConverter<BranchAnswer, PackedBranchState>
{
    public BranchAnswer ConvertFromSurrogate(in PackedBranchState surrogate) => new(surrogate);

    public PackedBranchState ConvertToSurrogate(in BranchAnswer value) => value.Pack();
}
