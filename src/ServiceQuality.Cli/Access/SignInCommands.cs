using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using ServiceQuality.Cli.Telemetry;

namespace ServiceQuality.Cli.Access;

/// <summary>`sq sign-in` and `sq sign-out`.</summary>
internal static class SignInCommands
{
    public static Command SignIn(Surroundings surroundings)
    {
        var connection = new Connection(surroundings);
        var user = new Option<string>("--user") { Description = "Name of the account", Required = true, HelpName = "NAME" };
        var password = new Option<string?>("--password-file") { Description = "File that holds the password; - reads standard input; otherwise SQ_PASSWORD, otherwise it is asked for", HelpName = "FILE" };
        var printToken = new Option<bool>("--print-token") { Description = "Write the access token to standard output instead of keeping a sign-in" };
        var command = new CommandWithExamples("sign-in", "Sign in as a person; the sign-in is kept in a file that only you can read.",
            "sq sign-in --url https://quality.example.org --user director",
            "SQ_PASSWORD=... sq sign-in --url http://127.0.0.1:8080 --user admin",
            "TOKEN=$(sq sign-in --user admin --password-file secret.txt --print-token)")
        {
            connection.Url, user, password, printToken,
        };
        command.SetAction(async (parsed, ct) =>
        {
            var address = connection.Address(parsed);
            var name = parsed.GetValue(user)!;
            var secret = parsed.GetValue(password) is { } file
                ? await connection.SecretAsync(file, ct)
                : surroundings.Environment("SQ_PASSWORD") ?? await AskAsync(surroundings, name, ct);
            using var http = connection.Anonymous(address);
            var client = new ServiceClient(http, surroundings.Clock, Patience.None);
            var tokens = await client.SendJsonAsync(HttpMethod.Post, "api/sign-in", new { user = name, password = secret }, ct);
            var session = connection.Of(address.ToString(), name, tokens ?? default(JsonElement));
            if (parsed.GetValue(printToken))
            {
                await surroundings.Output.WriteLineAsync(session.AccessToken);
                return ExitCodes.Done;
            }

            session.Save(surroundings);
            await surroundings.Output.WriteLineAsync(surroundings.Say($"Signed in at {address} as {name}.", $"已登录 {address}，账号 {name}。"));
            return ExitCodes.Done;
        });
        return command;
    }

    public static Command SignOut(Surroundings surroundings)
    {
        var connection = new Connection(surroundings);
        var command = new CommandWithExamples("sign-out", "End the sign-in that 'sq sign-in' keeps.", "sq sign-out");
        command.SetAction(async (parsed, ct) =>
        {
            if (Session.Load(surroundings) is not { } session)
                return ExitCodes.Done;

            // The file goes first: whatever the suite answers, this machine forgets.
            Session.Forget(surroundings);
            using var http = connection.Anonymous(new Uri(session.Url));
            http.DefaultRequestHeaders.Authorization = new("Bearer", session.AccessToken);
            await new ServiceClient(http, surroundings.Clock, Patience.None).SendJsonAsync(HttpMethod.Post, "api/sign-out", new { refreshToken = session.RefreshToken }, ct);
            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task<string> AskAsync(Surroundings surroundings, string name, CancellationToken ct)
    {
        if (!surroundings.InputIsTerminal)
            throw new UsageException("the password is needed: --password-file FILE, --password-file - or SQ_PASSWORD");
        var prompt = new TextPrompt<string>(surroundings.Say($"Password of {Markup.Escape(name)}:", $"{Markup.Escape(name)} 的密码：")).Secret(null);
        return await prompt.ShowAsync(surroundings.Tables(), ct);
    }
}
