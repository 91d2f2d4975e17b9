using GanFromScratch.Autograd;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Models;

/// <summary>A network that is the exponential moving average of another one's weights, and of its running statistics (Yazıcı et al., 2019).</summary>
internal sealed class ExponentialMovingAverage
{
    private readonly (Tensor Average, Tensor Latest)[] _pairs;
    private readonly float _decay;
    private int _steps;

    /// <summary>An average that begins as the network is now.</summary>
    /// <param name="network">What is followed.</param>
    /// <param name="average">A network of the same layers, whose numbers are overwritten.</param>
    /// <param name="decay">What a step leaves of the average.</param>
    public ExponentialMovingAverage(Sequential network, Sequential average, float decay)
    {
        _decay = decay;
        Network = average;
        _pairs =
        [
            .. average.Parameters.Concat(average.Statistics)
                .Zip(network.Parameters.Concat(network.Statistics), (mean, latest) => (mean.Value, latest.Value)),
        ];
        foreach (var (mean, latest) in _pairs)
            Elementwise.Map(default(Identity), latest, mean);
    }

    /// <summary>The average.</summary>
    public Sequential Network { get; }

    /// <summary>Visits the average and how far it has come.</summary>
    public void VisitState(IStateVisitor visitor, string prefix)
    {
        Network.VisitState(visitor, prefix);
        _steps = (int)visitor.VisitInt64($"{prefix}steps", _steps);
    }

    /// <summary>Takes a step of the network in. The first steps weigh more, (1 + n) / (10 + n), or the first weights would stay for thousands of steps.</summary>
    public void Follow()
    {
        float decay = Math.Min(_decay, (1f + _steps) / (10f + _steps));
        _steps++;
        foreach (var (mean, latest) in _pairs)
            MovingAverage.Move(mean, latest, decay);
    }
}
