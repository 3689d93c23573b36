using System.Runtime.InteropServices;

namespace ServiceQuality.Scoring;

/// <summary>A score without intervals and explanation.</summary>
/// <param name="Value">0–100; null when no indicator has data.</param>
/// <param name="Grade">Grade; null when there is no score or the coverage is under one half.</param>
/// <param name="Coverage">Share of leaf weight that had data, 0–1.</param>
/// <param name="Leaves">Every indicator, in the order of the tree.</param>
internal sealed record ScorePoints(double? Value, GradeBand? Grade, double Coverage, LeafPoints[] Leaves);

/// <summary>A leaf's part in such a score.</summary>
/// <param name="Points">Points that count; null when the leaf takes no part.</param>
/// <param name="EffectiveWeight">Share of the score.</param>
/// <param name="Contribution">Effective weight × (points − 100), ≤ 0.</param>
/// <param name="State">Whether and why it takes part.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct LeafPoints(double? Points, double EffectiveWeight, double Contribution, LeafState State);
