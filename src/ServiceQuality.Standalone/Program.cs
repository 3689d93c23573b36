using System.CommandLine;
using ServiceQuality.Standalone;

var demo = new Option<bool>("--demo") { Description = "Make the demo organisation with its accounts, and simulate its branches." };
var suite = new Option<bool>("--suite") { Description = "Run one process per service, on RabbitMQ and PostgreSQL, instead of one process for all." };
var urls = new Option<string>("--urls") { Description = "Public address.", HelpName = "ADDRESS", DefaultValueFactory = _ => "http://127.0.0.1:5080" };
var data = new Option<string>("--data") { Description = "Folder of the private servers, logs and demo.json.", HelpName = "DIR", DefaultValueFactory = _ => ".data" };

urls.Validators.Add(result =>
{
    if (!Uri.TryCreate(result.GetValueOrDefault<string>(), UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        result.AddError("--urls: give one http address, for example http://127.0.0.1:5080.");
});

var command = new RootCommand("ServiceQuality on this machine: the whole suite, with a private PostgreSQL unless ConnectionStrings__postgres names one.") { demo, suite, urls, data };
command.SetAction((parsed, _) => LocalRun.RunAsync(new RunOptions(
    parsed.GetValue(demo), parsed.GetValue(suite), parsed.GetValue(urls)!, Path.GetFullPath(parsed.GetValue(data)!))));

// Signals are ours: the gateway closes first, then the services drain, then the servers stop.
return await command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
