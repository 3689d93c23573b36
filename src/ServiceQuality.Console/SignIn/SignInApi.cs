using ServiceQuality.Console.Shell;
using ServiceQuality.Console.Suite;

namespace ServiceQuality.Console.SignIn;

internal static class SignInApi
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1.5);

    public static void MapSignIn(this WebApplication app) => app.MapGet("/sign-in", ShowForm).AsOpenPage().AllowAnonymous();

    private static async Task<IResult> ShowForm(string? returnUrl, string? error, SuiteReader suite, SystemState state, CancellationToken ct)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limited.CancelAfter(Patience);
        return Pages.Show<SignInPage>(new { ReturnUrl = IsLocal(returnUrl) ? returnUrl : "/", Error = error, State = await state.OfAsync(suite, limited.Token) });
    }

    /// <summary>Only addresses of this site; "//host" and "/\host" lead elsewhere.</summary>
    internal static bool IsLocal(string? address) => address is { Length: > 0 } && address[0] == '/' && (address.Length == 1 || address[1] is not ('/' or '\\')) && !address.Any(char.IsControl);
}

/// <summary>Which services are ready; asked at most every few seconds, as anyone can open the sign-in page.</summary>
public sealed class SystemState(TimeProvider clock)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);

    /// <summary>What people know the services by.</summary>
    private static readonly (string Part, string Service)[] Parts = [("intake", "monitoring"), ("scoring", "scores"), ("organisation", "organisation")];

    private volatile Snapshot? _last;

    public async Task<Snapshot> OfAsync(SuiteReader suite, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (_last is { } last && now - last.At < Fresh)
            return last;

        var ready = await Task.WhenAll(Parts.Select(async part => (part.Part, await IsReady(part.Service))));
        return _last = new Snapshot(now, ready);

        async Task<bool> IsReady(string service)
        {
            try
            {
                return await suite.IsReadyAsync(service, ct);
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }
    }

    public sealed record Snapshot(DateTimeOffset At, IReadOnlyList<(string Part, bool Ready)> Parts);
}
