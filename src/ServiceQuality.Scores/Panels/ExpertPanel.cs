using ServiceQuality.Scoring.Weights;

namespace ServiceQuality.Scores.Panels;

/// <summary>What one expert said: a rating per element, and words to some of them.</summary>
internal sealed record ExpertRating(Guid Expert, string Name, DateTimeOffset Given, IReadOnlyList<double> Ratings, IReadOnlyList<string> Comments);

/// <summary>A panel of experts (SCO-07).</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind">What is rated: weights, standards or indicators.</param>
/// <param name="Question">What the experts are asked.</param>
/// <param name="Elements">What they rate, 1 to 30.</param>
/// <param name="Low">Lower end of the scale.</param>
/// <param name="High">Upper end of the scale.</param>
/// <param name="OutlierShare">A rating further than this share of the scale from the panel's median needs a comment.</param>
/// <param name="Fewest">Fewest experts.</param>
/// <param name="Invited">Accounts that may rate; empty for whoever may read schemes.</param>
/// <param name="State">open → closed → signed.</param>
/// <param name="Author">Who asked.</param>
/// <param name="AuthorName">Name of who asked.</param>
/// <param name="Opened">When.</param>
/// <param name="Closed">When ratings ended.</param>
/// <param name="Signer">Who signed, never the author.</param>
/// <param name="SignerName">Name of who signed.</param>
/// <param name="Signed">When.</param>
/// <param name="Hash">SHA-256 of the signed result.</param>
/// <param name="Given">Ratings in the order in which they came.</param>
internal sealed record ExpertPanel(
    Guid Id, string Kind, string Question, IReadOnlyList<string> Elements, double Low, double High, double OutlierShare, int Fewest, IReadOnlyList<Guid> Invited, string State,
    Guid Author, string AuthorName, DateTimeOffset Opened, DateTimeOffset? Closed, Guid? Signer, string? SignerName, DateTimeOffset? Signed, string? Hash, IReadOnlyList<ExpertRating> Given)
{
    public const string Open = "open", Ended = "closed", Final = "signed";
    public const int MostExperts = 100;

    public static IReadOnlyList<string> Kinds { get; } = ["weights", "standards", "indicators"];

    /// <summary>What the panel says; null while there are fewer ratings than asked for.</summary>
    public PanelResult? Result()
    {
        if (Given.Count < Fewest)
            return null;
        var ratings = new double[Given.Count, Elements.Count];
        for (var i = 0; i < Given.Count; i++)
        {
            for (var j = 0; j < Elements.Count; j++)
                ratings[i, j] = Given[i].Ratings[j];
        }
        return Panel.Summarise(ratings, Low, High, OutlierShare, Fewest);
    }

    /// <summary>Ratings far from the median that nobody has explained yet.</summary>
    public IReadOnlyList<PanelOutlier> Unexplained() => [.. (Result()?.Outliers ?? []).Where(outlier => Given[outlier.Expert].Comments[outlier.Element].Length == 0)];

    /// <summary>Whether somebody may see what others said: who has given own ratings, and everybody once no more are taken.</summary>
    public bool ShowsTo(Guid who) => State != Open || Given.Any(rating => rating.Expert == who);
}

/// <summary>What may be done to a panel, and by whom (SCO-07). Pure.</summary>
internal static class PanelRules
{
    public static Outcome Rate(ExpertPanel panel, Guid who)
    {
        if (panel.State != ExpertPanel.Open)
            return Outcome.Refused("panel-closed", "The panel takes no more ratings.");
        if (panel.Invited.Count > 0 && !panel.Invited.Contains(who))
            return Outcome.Refused("panel-not-invited", "Only invited experts rate here.");
        if (panel.Given.Any(rating => rating.Expert == who))
            return Outcome.Refused("panel-rated", "You have given your ratings; they are not changed after others' have been seen. Explain them in a comment.");
        return panel.Given.Count >= ExpertPanel.MostExperts ? Outcome.Refused("panel-full", $"A panel has at most {ExpertPanel.MostExperts} experts.") : Outcome.Done;
    }

    public static Outcome Comment(ExpertPanel panel, Guid who) => panel switch
    {
        { State: not ExpertPanel.Open } => Outcome.Refused("panel-closed", "The panel takes no more comments."),
        _ when panel.Given.All(rating => rating.Expert != who) => Outcome.Refused("panel-not-rated", "Comments explain own ratings; you have given none."),
        _ => Outcome.Done,
    };

    public static Outcome Close(ExpertPanel panel)
    {
        if (panel.State != ExpertPanel.Open)
            return Outcome.Refused("panel-closed", "The panel was closed before.");
        if (panel.Given.Count < panel.Fewest)
            return Outcome.Refused("panel-too-few", $"{panel.Given.Count} of at least {panel.Fewest} experts have rated.");
        return panel.Unexplained() is { Count: > 0 } open
            ? Outcome.Refused("panel-comment-missing", $"Ratings far from the median need a comment: {string.Join("; ", open.Select(one => $"{panel.Given[one.Expert].Name} – {panel.Elements[one.Element]}"))}.")
            : Outcome.Done;
    }

    public static Outcome Sign(ExpertPanel panel, Guid who) => panel switch
    {
        { State: ExpertPanel.Open } => Outcome.Refused("panel-open", "Ratings are still taken; close the panel first."),
        { State: ExpertPanel.Final } => Outcome.Refused("panel-signed", "The result was signed before."),
        _ when panel.Author == who => Outcome.Refused("panel-signer-is-author", "The result is signed by somebody else than who asked."),
        _ => Outcome.Done,
    };
}
