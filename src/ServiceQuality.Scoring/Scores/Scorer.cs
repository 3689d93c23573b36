namespace ServiceQuality.Scoring;

/// <summary>Computes a score: a pure function of scheme and readings (scoring.md §§ 3, 4).</summary>
public static class Scorer
{
    /// <summary>Least coverage of a graded score.</summary>
    public const double GradedCoverage = 0.5;

    /// <summary>The score of these readings under a scheme.</summary>
    /// <exception cref="InvalidOperationException">The readings' catalogue does not cover the scheme.</exception>
    public static Score Evaluate(Scheme scheme, Readings readings)
    {
        var tree = new Tree(scheme, readings, complete: true);
        var hasData = tree.Compute();
        var leaves = scheme.Indicators.Select(tree.Leaf).ToList();
        var families = scheme.Families.Select(tree.Family).ToList();
        var coverage = Math.Min(1, tree.Coverage(scheme.Root));
        var adjustments = Adjust(scheme, readings);
        if (!hasData)
            return new(scheme, readings.Window, null, null, null, null, 0, readings.Units, families, leaves, adjustments);

        double below = 0, above = 0;
        foreach (var leaf in leaves)
        {
            if (leaf.PointsInterval is not { } interval || leaf.Points is not { } points)
                continue;
            below += Square(leaf.EffectiveWeight * (points - interval.Low));
            above += Square(leaf.EffectiveWeight * (interval.High - points));
        }
        var unclamped = tree.Sum(adjustments);
        var value = Math.Clamp(unclamped, 0, 100);
        return new(
            scheme, readings.Window, value, unclamped,
            new Interval(Math.Clamp(unclamped - Math.Sqrt(below), 0, value), Math.Clamp(unclamped + Math.Sqrt(above), value, 100)),
            GradeOf(scheme, value, coverage), coverage, readings.Units, families, leaves, adjustments);
    }

    /// <summary>
    /// The same score without intervals and explanation, by the same rules and to the same bit: what trying a scheme on thousands of units needs.
    /// A measure that the readings' catalogue lacks has no data here, so that a scheme can be tried before anything new is measured.
    /// </summary>
    internal static ScorePoints Points(Scheme scheme, Readings readings)
    {
        var tree = new Tree(scheme, readings, complete: false);
        var hasData = tree.Compute();
        var leaves = new LeafPoints[scheme.Indicators.Count];
        for (var i = 0; i < leaves.Length; i++)
            leaves[i] = tree.PointsOf(scheme.Indicators[i]);
        if (!hasData)
            return new(null, null, 0, leaves);
        var coverage = Math.Min(1, tree.Coverage(scheme.Root));
        var value = Math.Clamp(tree.Sum(Adjust(scheme, readings)), 0, 100);
        return new(value, GradeOf(scheme, value, coverage), coverage, leaves);
    }

    private static GradeBand? GradeOf(Scheme scheme, double value, double coverage) => Math.Round(coverage, 9) < GradedCoverage ? null : scheme.GradeOf(value);

    private static double Square(double x) => x * x;

    private static List<AdjustmentScore> Adjust(Scheme scheme, Readings readings)
    {
        var scores = new List<AdjustmentScore>();
        foreach (var rule in readings.Adjustments.GroupBy(a => (a.Rule, a.Kind)).OrderBy(g => g.Key.Kind).ThenBy(g => g.Key.Rule, StringComparer.Ordinal))
        {
            var known = scheme.Adjustments.TryGetValue(rule.Key.Rule, out var definition) && definition.Kind == rule.Key.Kind;
            // Of the merged units the mean; of the unit itself everything.
            decimal Mean(Func<RuleTotal, decimal> of)
            {
                var own = readings.Own.Where(unit => unit.Rule == rule.Key.Rule && unit.Kind == rule.Key.Kind).Sum(of);
                return own + ((rule.Sum(of) - own) / readings.Units);
            }
            var points = Mean(unit => unit.Points);
            var counted = known ? Mean(unit => definition!.Cap is { } cap ? Math.Min(cap, unit.Points) : unit.Points) : 0;
            scores.Add(new(rule.Key.Rule, rule.Key.Kind, points, counted, rule.Sum(unit => unit.Facts), !known ? "unknown-rule" : counted < points ? "capped" : null));
        }
        return scores;
    }

    /// <summary>What is known of every node while a score is computed.</summary>
    /// <param name="scheme">The scheme.</param>
    /// <param name="readings">The readings.</param>
    /// <param name="complete">With intervals, and only of a catalogue that holds every measure.</param>
    private sealed class Tree(Scheme scheme, Readings readings, bool complete)
    {
        private readonly Dictionary<SchemeNode, Node> nodes = new(scheme.Indicators.Count + scheme.Families.Count + 1, ReferenceEqualityComparer.Instance);

        /// <summary>Both passes; false when no indicator has data.</summary>
        public bool Compute()
        {
            Measure(scheme.Root, 1);
            if (nodes[scheme.Root].Points is null)
                return false;
            Weigh(scheme.Root, 1, null);
            return true;
        }

        /// <summary>The score before it is limited to 0–100: the leaves in the order of the tree, then the adjustments.</summary>
        public double Sum(List<AdjustmentScore> adjustments)
        {
            double unclamped = 100;
            foreach (var indicator in scheme.Indicators)
                unclamped += nodes[indicator].Contribution;
            foreach (var adjustment in adjustments)
                unclamped += (double)(adjustment.Kind == AdjustmentKind.Bonus ? adjustment.Counted : -adjustment.Counted);
            return unclamped;
        }

        public LeafPoints PointsOf(Indicator indicator)
        {
            var node = nodes[indicator];
            return new(node.Counted, node.Effective, node.Contribution, node.State);
        }

        /// <summary>First pass, upwards: readings and points of the leaves, points of the families.</summary>
        private Node Measure(SchemeNode node, double share)
        {
            var found = nodes[node] = new() { Share = share };
            if (node is Indicator indicator)
            {
                var reading = complete || readings.Catalogue.Holds(indicator.Measure) ? Reading.Of(indicator.Measure, readings, complete) : Reading.None;
                if (reading.Value is { } value && reading.Sample >= indicator.MinimumSample)
                {
                    found.Points = indicator.Standard.Points(value);
                    found.Interval = reading.Interval is { } interval ? indicator.Standard.Points(interval) : null;
                    found.Covered = share;
                }
                else if (reading.Value is not null)
                {
                    reading = reading with { Reason = "small-sample" };
                }
                found.Reading = reading;
                return found;
            }
            var family = (Family)node;
            double sum = 0, weight = 0;
            foreach (var child in family.Children)
            {
                var below = Measure(child, share * child.Weight);
                found.Covered += below.Covered;
                if (below.Points is not { } points || child.Weight == 0)
                    continue;
                sum += child.Weight * points;
                weight += child.Weight;
            }
            if (weight == 0)
                return found;
            if (family.Missing.Kind != MissingKind.Redistribute)
            {
                foreach (var child in family.Children.Where(c => nodes[c].Points is null))
                {
                    sum += child.Weight * Substitute(family.Missing, child);
                    weight += child.Weight;
                }
            }
            found.Points = sum / weight;
            return found;
        }

        /// <summary>Second pass, downwards: effective weights. In a family that is itself replaced, every leaf takes the family's points.</summary>
        private void Weigh(SchemeNode node, double effective, (LeafState State, double Points)? replaced)
        {
            var found = nodes[node];
            found.Effective = effective;
            if (node is Indicator)
            {
                if (replaced is { } by)
                {
                    (found.State, found.Counted) = (by.State, by.Points);
                }
                else
                {
                    (found.State, found.Counted) = (LeafState.Scored, found.Points);
                }
                return;
            }
            var family = (Family)node;
            var redistribute = replaced is null && family.Missing.Kind == MissingKind.Redistribute;
            var whole = redistribute ? family.Children.Where(c => nodes[c].Points is not null).Sum(c => c.Weight) : family.Children.Sum(c => c.Weight);
            foreach (var child in family.Children)
            {
                var weight = effective * (child.Weight / whole);
                if (replaced is not null)
                    Weigh(child, weight, replaced);
                else if (nodes[child].Points is not null)
                    Weigh(child, weight, null);
                else if (!redistribute)
                    Weigh(child, weight, (State(family.Missing.Kind), Substitute(family.Missing, child)));
            }
        }

        public double Coverage(SchemeNode node) => nodes[node].Covered;

        public LeafScore Leaf(Indicator indicator)
        {
            var node = nodes[indicator];
            var scored = node.State == LeafState.Scored;
            return new(
                indicator, node.Reading.Value, node.Reading.Interval, node.Reading.Sample, node.Reading.LowerBound,
                node.Counted, scored ? node.Interval : null, node.Counted is { } points ? scheme.GradeOf(points) : null,
                indicator.Weight, node.Effective, node.Contribution,
                node.State, scored ? null : node.Reading.Reason ?? "unused")
            { Marks = node.Reading.Marks ?? [] };
        }

        public FamilyScore Family(Family family)
        {
            var node = nodes[family];
            double effective = 0, contribution = 0;
            Add(family);
            return new(family, node.Points, family.Weight, effective, contribution, node.Share > 0 ? Math.Min(1, node.Covered / node.Share) : 0);

            void Add(Family part)
            {
                foreach (var child in part.Children)
                {
                    if (child is Family below)
                    {
                        Add(below);
                        continue;
                    }
                    var leaf = nodes[child];
                    effective += leaf.Effective;
                    contribution += leaf.Contribution;
                }
            }
        }

        private static LeafState State(MissingKind kind) => kind switch
        {
            MissingKind.Neutral => LeafState.Neutral,
            MissingKind.Hold => LeafState.Held,
            _ => LeafState.Zero,
        };

        private double Substitute(MissingPolicy policy, SchemeNode child) => policy.Kind switch
        {
            MissingKind.Neutral => policy.Points,
            MissingKind.Hold => Held(policy, (Indicator)child),
            _ => 0,
        };

        private double Held(MissingPolicy policy, Indicator indicator)
        {
            var catalogue = readings.Catalogue;
            if (!catalogue.Holds(indicator.Measure))
                return policy.Points;
            var i = catalogue.IndexOf(indicator.Measure);
            int? under = indicator.Measure.Base is { } count ? catalogue.IndexOf(count) : null;
            var collected = new CellTable(catalogue.Series);
            int? newest = null;
            for (var back = 0; back < Math.Min(policy.Days, readings.Before.Length); back++)
            {
                var day = readings.Before[back];
                if (day.Cells[i].N == 0 && (under is not { } u || day.Cells[u].N == 0))
                    continue;
                newest ??= back;
                collected.Add(day);
                var reading = Reading.Of(indicator.Measure, i, collected, under is { } b ? collected.Cells[b].N : 0);
                if (reading.Value is not { } value || reading.Sample < indicator.MinimumSample)
                    continue;
                var age = (readings.Window.AsOf - readings.Window.From).TotalDays + newest.Value;
                var moved = Math.Clamp(age / policy.Days, 0, 1);
                var points = indicator.Standard.Points(value);
                return points + ((policy.Points - points) * moved);
            }
            return policy.Points;
        }

        internal sealed class Node
        {
            /// <summary>Share of all leaf weight before anything is missing.</summary>
            public double Share { get; init; }

            public double Covered { get; set; }

            /// <summary>Points from data; null without.</summary>
            public double? Points { get; set; }

            public Interval? Interval { get; set; }

            public Reading Reading { get; set; }

            public double Effective { get; set; }

            /// <summary>Points that count in the score.</summary>
            public double? Counted { get; set; }

            public LeafState State { get; set; } = LeafState.NoData;

            /// <summary>Effective weight × (points − 100).</summary>
            public double Contribution => Counted is { } points ? Effective * (points - 100) : 0;
        }
    }
}
