using ServiceQuality.Console.Shell;

namespace ServiceQuality.Console.Panels;

/// <summary>Codes of panels in words.</summary>
internal static class PanelWords
{
    public static readonly string[] Kinds = ["weights", "standards", "indicators"];

    public static string Kind(Reader reader, string kind) => kind switch
    {
        "weights" => reader.Say("panels.kind.weights"),
        "standards" => reader.Say("panels.kind.standards"),
        _ => reader.Say("panels.kind.indicators"),
    };

    public static string State(Reader reader, string state) => state switch
    {
        "open" => reader.Say("panels.state.open"),
        "closed" => reader.Say("panels.state.closed"),
        _ => reader.Say("panels.state.signed"),
    };

    public static string Refusal(Reader reader, Refused refused) => refused.Code switch
    {
        "panel-too-few" => reader.Say("panels.refused.few"),
        "panel-comment-missing" => reader.Say("panels.refused.comment"),
        "panel-rated" => reader.Say("panels.refused.rated"),
        "panel-closed" => reader.Say("panels.refused.closed"),
        "panel-not-invited" => reader.Say("panels.refused.invited"),
        "panel-signer-is-author" => reader.Say("panels.refused.author"),
        "ratings-invalid" => reader.Say("panels.refused.ratings"),
        "malformed-request" => reader.Say("panels.refused.form"),
        "not-allowed" => reader.Say("panels.refused.allowed"),
        "away" => reader.Say("panels.refused.away"),
        _ => reader.Say("panels.refused.other", refused.Code),
    };
}
