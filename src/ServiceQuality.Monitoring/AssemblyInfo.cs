using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("ServiceQuality.Monitoring.Tests")]
